import type { HttpFrontend, UdpFrontend } from '../../src/model/declaration.ts';
import { file } from '../../src/model/make.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { fakeSecret } from './cloud.ts';
import type { Change } from './example.ts';

export const health = {
  command: ['true'],
  intervalSeconds: 1,
  timeoutSeconds: 1,
  startSeconds: 1,
  retries: 1,
};
const secret = 'example-password';

const withFile = (options: Partial<RenderedFile>): Change => ({
  job: { files: [file(`${CONFIG_DIR}/file`, 'content', { gid: users.client, ...options })] },
});

/** What the example's API is reached by. */
export const frontend: HttpFrontend = {
  name: 'example',
  kind: 'http',
  process: 'example-api',
  port: 8080,
  publicPort: 8080,
};
const { publicPort: _, ...rest } = frontend;
/** The same, where users do not come. */
export const inside: Omit<HttpFrontend, 'publicPort'> = rest;
const overUdp: UdpFrontend = {
  name: 'example',
  kind: 'udp',
  process: 'example-api',
  port: 8080,
  publicPort: 8080,
};
export const onNode = { needs: { hostNetwork: true }, ports: [{ name: 'api', port: 8080 }] };

/** Rule, what is broken, and what the rule says of it. */
export const broken: [rule: string, change: Change, says: string][] = [
  ['names are unique', { job: { name: 'example-api' } }, 'the process or job example-api exists twice'],
  ['names are unique', { process: { aliases: ['example-api'] } }, 'the host name example-api exists twice'],
  [
    'names are unique',
    { declaration: { brokerUsers: Array(2).fill({ user: 'example', secret }) } },
    'the broker user example exists twice',
  ],
  [
    'names are unique',
    { declaration: { databaseWatchers: Array(2).fill({ user: 'example', secret }) } },
    'the watcher of the database example exists twice',
  ],
  [
    'process names are known before rendering',
    { definition: { processNames: {} } },
    'example renders a process example-api that it does not name',
  ],
  [
    'process names are known before rendering',
    {
      definition: {
        processNames: { 'example-api': { replicas: true }, 'example-worker': { replicas: false } },
      },
    },
    'example names a process example-worker that it does not render',
  ],
  [
    'process names are known before rendering',
    {
      definition: {
        processNames: {
          'example-api': { replicas: true, workers: true, perDevice: () => [{ volume: 'example-api-1' }] },
        },
      },
    },
    'example names the instances example-api-1 and renders ',
  ],
  [
    'volumes are known before rendering',
    { definition: { dataVolumes: ['example'] } },
    'example names a volume example that nothing of it mounts',
  ],
  [
    'volumes are known before rendering',
    { process: { volumes: [{ volume: 'example', path: '/data' }] } },
    'example mounts a volume example that it does not name',
  ],
  ['everything belongs to a service', { job: { service: 'exmaple' } }, 'belongs to exmaple'],
  [
    'configuration files have readers',
    { definition: { configFiles: { 'exmaple.conf': {} } } },
    'no process reads exmaple.conf of example',
  ],
  [
    'configuration files have readers',
    { definition: { configFiles: { 'example.conf': { groupReaders: { api: ['exmaple-api'] } } } } },
    '[api] of example.conf is said to be read by exmaple-api',
  ],
  [
    'the order exists and has no cycle',
    { process: { after: ['job:exmaple-schema'] } },
    'process:example-api comes after job:exmaple-schema, which does not exist',
  ],
  [
    'the order exists and has no cycle',
    { job: { after: ['process:example-api'] } },
    'process:example-api comes after job:example-schema comes after process:example-api',
  ],
  [
    'ports are held once',
    {
      process: {
        ports: [
          { name: 'api', port: 8080 },
          { name: 'more', port: 8080 },
        ],
      },
    },
    'port 8080/tcp is held twice in example-api',
  ],
  [
    'ports are held once',
    { declaration: { frontends: [frontend, frontend] } },
    'two front ends are at port 8080',
  ],
  [
    'ports are ports',
    { process: { ports: [{ name: 'api', port: 70_000 }] } },
    'holds 70000, which is no port',
  ],
  [
    'ports are ports',
    {
      process: {
        ports: [
          { name: 'api', port: 8080 },
          { name: 'api', port: 8081 },
        ],
      },
    },
    'example-api has two ports with the name api',
  ],
  [
    'ports are ports',
    { process: { ports: [{ name: 'dns', port: 53, protocol: 'udp' }] } },
    'example-api holds 53/udp, which not every engine lets its user open',
  ],
  [
    'front ends lead to processes',
    { declaration: { frontends: [{ ...frontend, process: 'exmaple-api' }] } },
    'for exmaple-api, which does not exist',
  ],
  [
    'front ends lead to processes',
    { process: { ports: [] } },
    'port 8080/tcp of example-api, which does not listen there',
  ],
  [
    'front ends lead to processes',
    { declaration: { frontends: [{ ...frontend, processPort: 8081 }] } },
    'port 8081/tcp of example-api, which does not listen there',
  ],
  [
    'front ends lead to processes',
    { declaration: { frontends: [overUdp], endpoints: [] } },
    'port 8080/udp of example-api, which does not listen there',
  ],
  [
    'front ends lead to processes',
    {
      declaration: { frontends: [{ ...inside, kind: 'leader', check: { port: 4569 } }], endpoints: [] },
      process: { replicas: 3 },
    },
    'port 4569/tcp of example-api, which does not listen there',
  ],
  [
    'front ends lead to processes',
    { declaration: { frontends: [overUdp], endpoints: [] }, process: onNode },
    'for example-api, which users reach at the node itself',
  ],
  [
    'front ends lead to processes',
    { declaration: { frontends: [frontend, { ...frontend, port: 8081 }] } },
    'two front ends for TCP have the name example',
  ],
  [
    'front ends lead to processes',
    { declaration: { frontends: [frontend, { ...overUdp, publicPort: 53 }] } },
    'the front ends example have not the same public port',
  ],
  [
    'what is reached is said',
    { job: { reaches: ['exmaple-api'] } },
    'example-schema reaches exmaple-api, which does not exist',
  ],
  [
    'what is reached is said',
    { job: { command: ['example', 'http://example-api.cloud.test:8080/'] } },
    'example-schema names example-api, but does not say that it reaches it',
  ],
  [
    'what may run twice holds nothing that is there once',
    { process: { update: 'rolling', ports: [{ name: 'api', port: 8080, publicPort: 8080 }] } },
    'example-api may run twice, but holds public port 8080',
  ],
  [
    'what may run twice holds nothing that is there once',
    { process: onNode },
    "example-api may run twice, but holds ports of the node's network",
  ],
  [
    'processes have health checks',
    { process: { health: { ...health, command: [] } } },
    'example-api has no health check',
  ],
  [
    'processes have health checks',
    { process: { health: { ...health, timeoutSeconds: 0 } } },
    'the health check of example-api has a time of zero',
  ],
  ['secrets are declared and used', { declaration: { secrets: [] } }, `nobody declares the secret ${secret}`],
  [
    'secrets are declared and used',
    {
      declaration: {
        secrets: [
          { name: secret, kind: 'password' },
          { name: 'spare', kind: 'hex' },
        ],
      },
    },
    'nothing uses the secret spare',
  ],
  [
    'databases, broker users and accounts are logged in with',
    { process: { files: [] } },
    'example declares the database example, and logs in nowhere with it',
  ],
  [
    'secrets are in secret files only',
    { job: { command: ['example', `--password=${fakeSecret(secret)}`] } },
    `example-schema shows the secret ${secret} outside a secret file`,
  ],
  [
    'secrets are in secret files only',
    withFile({ content: fakeSecret(secret), secret: false }),
    `example-schema shows the secret ${secret} outside a secret file`,
  ],
  [
    'secrets are in secret files only',
    {
      definition: {
        ledger: { process: 'example-api', user: '0:0', read: [], record: [fakeSecret(secret)] },
      },
    },
    `the secret ${secret} is shown outside a workload`,
  ],
  ['files are readable by their workload alone', withFile({ mode: 0o444 }), 'can be read by everyone'],
  ['files are readable by their workload alone', withFile({ mode: 0o460 }), 'can be written by others'],
  [
    'files are readable by their workload alone',
    withFile({ path: '/etc/passwd' }),
    'is not under /etc/gantry',
  ],
  [
    'files are readable by their workload alone',
    withFile({ gid: 0 }),
    'cannot be read by the user it is for',
  ],
  ['files are readable by their workload alone', withFile({ reloadable: true }), 'reloadable, in a job'],
  [
    'files are readable by their workload alone',
    {
      process: { files: [file(`${CONFIG_DIR}/a`, '', { gid: users.client, reloadable: true })] },
    },
    'reloadable, but nothing reloads it',
  ],
  ['users are the fixed ones', { job: { user: '1000:1000' } }, 'example-schema runs as 1000:1000'],
  ['paths are mounted once', { job: { tmpfs: ['/tmp', '/tmp'] } }, 'example-schema has /tmp mounted twice'],
  [
    'paths are mounted once',
    {
      job: {
        volumes: [
          { volume: 'data', path: '/a' },
          { volume: 'data', path: '/b' },
        ],
      },
    },
    'example-schema mounts the volume data twice',
  ],
  ['paths are mounted once', { job: { tmpfs: ['tmp'] } }, 'mounts at "tmp", which is no absolute path'],
];
