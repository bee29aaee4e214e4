import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderHaproxyConfig, STATUS_PORT } from '../../catalogue/haproxy/config.ts';
import { Label, labelled } from '../../engines/docker/labels.ts';
import { httpHealth } from '../../src/model/health.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';
import { buildForSuite } from './built-images.ts';
import {
  client,
  cloud,
  desiredOf,
  engine,
  makeFoundations,
  output,
  Session,
  useDockerCloud,
} from './docker-cloud.ts';
import { waitUntil } from './gantry.ts';
import { file, forever, processOf } from './workloads.ts';

useDockerCloud();

const PORT = 8080;
const INSTANCES = 5;

/** One answer over its input and output. */
const answer = `while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
sleep 0.2
printf 'HTTP/1.0 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nserved'
`;

/** What serves takes a while for each answer. Without it an instance is still found by its name, as one on its way out. */
const api = processOf(
  'api',
  `socat TCP-LISTEN:${PORT},fork,reuseaddr EXEC:'sh ${CONFIG_DIR}/answer' & echo $! > /tmp/server; ${forever}`,
  { image: 'haproxy', replicas: INSTANCES + 1, files: [file(`${CONFIG_DIR}/answer`, answer)] },
);

const door = processOf('door', '', {
  image: 'haproxy',
  command: ['haproxy', '-W', '-S', '/run/haproxy/master.sock', '-db', '-f', `${CONFIG_DIR}/haproxy.cfg`],
  user: userOf('haproxy'),
  files: [
    file(
      `${CONFIG_DIR}/haproxy.cfg`,
      renderHaproxyConfig([{ name: 'api', kind: 'http', process: api.name, port: PORT }], {
        domain: '',
        instances: () => [],
        replicas: () => 1,
        workers: () => 1,
      }),
      { gid: users.haproxy },
    ),
  ],
  tmpfs: ['/tmp', '/run/haproxy'],
  needs: { reachableFromNode: true },
  health: httpHealth(STATUS_PORT, '/ready'),
});

let session: Session;

beforeAll(async () => {
  const { haproxy } = await buildForSuite('front-door', ['haproxy']);
  await makeFoundations();
  const desired = desiredOf([api, door]);
  const image = { name: 'haproxy', hash: '', reference: haproxy, parents: [] };
  session = new Session({ ...desired, images: [...desired.images, image] });
  for (let ordinal = 0; ordinal < INSTANCES; ordinal++) await session.up(api, ordinal);
  await session.up(door);
});

/** Ids of the containers of the API's instances with these ordinals. */
async function instancesOf(isMeant: (ordinal: number) => boolean): Promise<string[]> {
  const all = await client.docker.listContainers({ filters: labelled(cloud, { process: api.name }) });
  return all.filter(({ Labels }) => isMeant(Number(Labels[Label.ordinal]))).map(({ Id }) => Id);
}

/** Ends what all instances of the API but the first serve with, at once. */
async function endServing(): Promise<void> {
  const ending = await instancesOf((ordinal) => ordinal > 0);
  expect(ending).toHaveLength(INSTANCES - 1);
  await Promise.all(
    ending.map(async (id) => {
      const container = client.docker.getContainer(id);
      const command = await container.exec({ Cmd: ['sh', '-c', 'kill $(cat /tmp/server)'] });
      await command.start({ Detach: true });
    }),
  );
}

/** What a port of HAProxy answers. */
async function ask(port: number, dispatcher?: Dispatcher): Promise<string> {
  const connection = await engine.connect(cloud, door.name, port);
  const url = `http://${connection.host}:${connection.port}/metrics`;
  const { statusCode, body } = await request(url, dispatcher ? { dispatcher } : {});
  return `${statusCode} ${await body.text()}`;
}

async function waitUntilUp(instances: number): Promise<void> {
  await waitUntil(`${instances} instances in use`, 30_000, async () => {
    const up = (await ask(STATUS_PORT)).match(/^haproxy_server_status\{.*"api-\d+",state="UP"\} 1$/gm);
    return up?.length === instances ? true : undefined;
  });
}

describe('the front door', () => {
  test('has every request served, though all instances but one have ended at once and are still found', async () => {
    await waitUntilUp(INSTANCES);
    const answers: Promise<string>[] = [];
    const ending = endServing();
    // For longer than a check takes to notice.
    for (const end = performance.now() + 3000; performance.now() < end; await sleep(30))
      answers.push(ask(PORT));
    await ending;
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['200 served']));
  });

  test('serves who kept a connection over a change of its configuration, after which all instances were replaced', async () => {
    const patient = new Agent({ connections: 1, keepAliveTimeout: 60_000, keepAliveTimeoutThreshold: 0 });
    try {
      expect(await ask(PORT, patient)).toBe('200 served');
      await output(door.name, ['reload-haproxy']);
      await session.up(api, INSTANCES);
      await waitUntilUp(2);
      for (const instance of await instancesOf((ordinal) => ordinal < INSTANCES))
        await session.run('instance.remove', { instance, graceSeconds: 1 });
      expect(await ask(PORT, patient)).toBe('200 served');
    } finally {
      await patient.close();
    }
  });
});
