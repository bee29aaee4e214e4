import { expect, test } from 'vitest';
import type { Frontend } from '../../src/model/declaration.ts';
import type { Port } from '../../src/model/workload.ts';
import { renderCloud } from '../../test/contract/cloud.ts';
import { exampleService } from '../../test/contract/example.ts';
import { renderHaproxyConfig } from './config.ts';
import haproxy from './service.ts';

const layout = {
  domain: '',
  instances: (process: string) => [0, 1, 2].map((ordinal) => `${process}-${ordinal}.${process}.test`),
  replicas: () => 3,
  workers: () => 2,
};

test('the configuration is as it was looked at last', async () => {
  const config = renderHaproxyConfig(
    [
      { name: 'keystone', kind: 'http', process: 'keystone-api', port: 5000, publicPort: 5000 },
      { name: 'metadata', kind: 'http', process: 'nova-metadata', port: 8775 },
      { name: 'novnc', kind: 'http', process: 'nova-novncproxy', port: 6080, publicPort: 6080, tunnel: true },
      {
        name: 'database',
        kind: 'leader',
        process: 'mariadb',
        port: 3306,
        check: { port: 4569, status: 200 },
      },
    ],
    layout,
  );
  await expect(config).toMatchFileSnapshot('haproxy.expected.cfg');
});

test('a port of the process, a check and other protocols are taken as they are declared', async () => {
  const config = renderHaproxyConfig(
    [
      {
        name: 'dashboard',
        kind: 'http',
        process: 'horizon',
        port: 8080,
        processPort: 8000,
        publicPort: 443,
        check: { path: '/auth/login/', status: 200 },
        connections: 1000,
      },
      { name: 'dns', kind: 'tcp', process: 'designate-mdns', port: 5354, publicPort: 53 },
    ],
    layout,
  );
  expect(config).toContain('option httpchk GET /auth/login/\n    http-check expect status 200\n');
  expect(config).toContain('horizon:8000 check');
  // Three HAProxies share what an instance takes.
  expect(config).toMatch(/backend horizon\n(?: {4}.*\n)*? {4}default-server .* maxconn 333 /);
  expect(config).toMatch(/^frontend dashboard-8080-public\n {4}bind :18080\n/m);
  expect(config).toContain(`listen dns-5354
    bind :5354
    mode tcp
    option tcplog
    balance leastconn
    option allbackups
    default-server inter 5s fastinter 500ms downinter 500ms fall 3 rise 1 observe layer4 error-limit 1 on-error mark-down resolvers engine init-addr last,none
    server-template designate-mdns- 1-16 designate-mdns:5354 check
    server designate-mdns-unchecked designate-mdns:5354 backup resolve-opts allow-dup-ip
`);
});

test('two front ends may share a process: each has a back end of its own', () => {
  const api = { kind: 'http', process: 'heat-api' } as const;
  const config = renderHaproxyConfig(
    [
      { ...api, name: 'heat', port: 8004, publicPort: 8004 },
      { ...api, name: 'heat-cfn', port: 8000, check: { path: '/healthcheck' } },
    ],
    layout,
  );
  expect(config).toMatch(/^backend heat-api-for-heat\n[\s\S]*GET \/\n[\s\S]*heat-api:8004 check$/m);
  expect(config).toMatch(
    /^backend heat-api-for-heat-cfn\n[\s\S]*GET \/healthcheck\n[\s\S]*heat-api:8000 check$/m,
  );
});

test('public ports are published, plain ones are not, and clients inside find the front end by its name', () => {
  const cloud = renderCloud([exampleService(), haproxy]);
  const process = cloud.desired.processes.find(({ name }) => name === 'haproxy');
  expect(process?.ports).toEqual([
    { name: 'example-plain', port: 8080 },
    { name: 'example', port: 18_080, publicPort: 8080 },
  ]);
  expect(process?.aliases).toEqual(['example']);
});

test('what is public below 1024 is at a port that any user may open, and UDP is published by its process', () => {
  const frontends: Frontend[] = [
    { name: 'example', kind: 'http', process: 'example-api', port: 8080, publicPort: 443 },
    { name: 'dns', kind: 'tcp', process: 'example-api', port: 5354, publicPort: 53 },
    { name: 'dns', kind: 'udp', process: 'example-api', port: 5354, publicPort: 53 },
    { name: 'tftp', kind: 'udp', process: 'example-api', port: 6969, publicPort: 69 },
  ];
  const ports: Port[] = [
    { name: 'api', port: 8080 },
    { name: 'dns-tcp', port: 5354 },
    { name: 'dns', port: 5354, protocol: 'udp' },
    { name: 'tftp', port: 6969, protocol: 'udp' },
  ];
  const example = exampleService({ declaration: { frontends }, process: { ports } });
  const { desired } = renderCloud([example, haproxy], { facts: { publicPorts: { dns: 5300 } } });
  const portsOf = (name: string) => desired.processes.find((process) => process.name === name)?.ports;
  expect(portsOf('haproxy')).toEqual([
    { name: 'example-plain', port: 8080 },
    { name: 'example', port: 18_080, publicPort: 443 },
    { name: 'dns-plain', port: 5354, publicPort: 5300 },
  ]);
  expect(portsOf('example-api')).toEqual([
    { name: 'api', port: 8080 },
    { name: 'dns-tcp', port: 5354 },
    { name: 'dns', port: 5354, protocol: 'udp', publicPort: 5300 },
    { name: 'tftp', port: 6969, protocol: 'udp', publicPort: 69 },
  ]);
});
