import { expect, test } from 'vitest';
import { tcpHealth } from '../model/health.ts';
import { process } from '../model/make.ts';
import { checkServersWay } from './servers-way.ts';

const door = process({
  name: 'door',
  service: 'door',
  image: 'door',
  command: ['door'],
  user: '1:1',
  health: tcpHealth(1),
  ports: [
    { name: 'open', port: 1, publicPort: 8004, forServers: true },
    { name: 'more', port: 2, publicPort: 8000, forServers: true },
    { name: 'users', port: 3, publicPort: 5000 },
  ],
});

test('where servers call the cloud is said, and where they cannot', () => {
  const look = (publicAddress: string, serversAddress?: string) =>
    checkServersWay({
      processes: [door],
      publicAddress,
      ...(serversAddress === undefined ? {} : { serversAddress }),
    })[0];
  expect(look('127.0.0.1', '10.29.29.1')).toMatchObject({
    level: 'ok',
    message:
      'servers call the cloud at 10.29.29.1, the gateway of the external network: port 8004 and 8000 alone',
  });
  expect(look('192.0.2.1')).toMatchObject({ level: 'ok' });
  expect(look('127.0.0.1')).toMatchObject({ level: 'warning' });
});

test('a cloud that has nothing for servers to call is not told of', () => {
  expect(checkServersWay({ processes: [], publicAddress: '127.0.0.1' })).toEqual([]);
});
