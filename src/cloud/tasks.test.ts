import { expect, test } from 'vitest';
import { startFakeApi } from '../openstack/fake-api.ts';
import { fakeKeystone } from '../openstack/fake-keystone.ts';
import { runTask } from './tasks.ts';

test('a registration is made at the port of Keystone, over a way that is closed after it', async () => {
  const keystone = fakeKeystone();
  const { hostname: host, port } = new URL((await startFakeApi(keystone.routes)).url);
  const log: string[] = [];
  const ways: string[] = [];
  await runTask(
    {
      name: 'register',
      service: 'keystone',
      action: {
        type: 'identity.register',
        accounts: [{ user: 'nova', secret: 'nova-account', roles: ['service'] }],
        endpoints: [],
      },
      after: [],
    },
    {
      desired: {
        identity: {
          url: 'http://keystone:5000/v3',
          publicUrl: 'https://192.0.2.1:5000/v3',
          process: 'keystone-api',
          port: 5000,
        },
      },
      region: 'RegionOne',
      password: (name) => (name === 'keystone-admin' ? 'admin-secret' : `secret of ${name}`),
      signal: new AbortController().signal,
      log: (line) => log.push(line),
      connect: async (process, at) => {
        ways.push(`opened ${process}:${at}`);
        return { host, port: Number(port), close: async () => void ways.push('closed') };
      },
    },
  );
  expect(log).toContain('created user nova');
  expect(keystone.passwords.get('nova')).toBe('secret of nova-account');
  expect(ways).toEqual(['opened keystone-api:5000', 'closed']);
});
