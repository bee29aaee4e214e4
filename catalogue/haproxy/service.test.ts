import { expect, test } from 'vitest';
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
      { name: 'keystone', process: 'keystone-api', port: 5000, public: true },
      { name: 'metadata', process: 'nova-metadata', port: 8775, public: false },
      { name: 'novnc', process: 'nova-novncproxy', port: 6080, public: true, tunnel: true },
      { name: 'database', process: 'mariadb', port: 3306, public: false, leader: { statePort: 4569 } },
    ],
    layout,
  );
  await expect(config).toMatchFileSnapshot('haproxy.expected.cfg');
});

test('public ports are published, plain ones are not, and clients inside find the front end by its name', () => {
  const cloud = renderCloud([exampleService(), haproxy]);
  const process = cloud.desired.processes.find(({ name }) => name === 'haproxy');
  expect(process?.ports).toEqual([
    { name: 'example-plain', port: 80 },
    { name: 'example', port: 10_080, publicPort: 80 },
  ]);
  expect(process?.aliases).toEqual(['example']);
});
