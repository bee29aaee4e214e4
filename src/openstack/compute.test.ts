import { expect, it } from 'vitest';
import { watchRunning } from './compute.ts';
import { type Routes, startFakeApi } from './fake-api.ts';
import { adminLogin, fakeKeystone } from './fake-keystone.ts';
import { openSession } from './session.ts';

it.each([
  ['runs', { status: 'ACTIVE', power: 1, task: null }, undefined],
  ['is paused by its hypervisor', { status: 'ACTIVE', power: 3, task: null }, 'server web is paused'],
  ['was ended', { status: 'ACTIVE', power: 4, task: null }, 'server web is shut off'],
  ['is paused as asked', { status: 'PAUSED', power: 3, task: null }, undefined],
  ['is moving', { status: 'ACTIVE', power: 3, task: 'migrating' }, undefined],
])('a watch on a server that %s', async (_, { status, power, task }, message) => {
  const server = {
    id: 's',
    name: 'web',
    status,
    'OS-EXT-STS:power_state': power,
    'OS-EXT-STS:task_state': task,
  };
  const routes: Routes = { 'GET /compute/v2.1/servers/s': () => ({ json: { server } }) };
  let url = '';
  const keystone = fakeKeystone(() => ({ compute: `${url}/compute` }));
  ({ url } = await startFakeApi({ ...keystone.routes, ...routes }));
  const session = await openSession(adminLogin(url));
  try {
    const watch = watchRunning(session, 's');
    if (message === undefined) await expect(watch()).resolves.toBeUndefined();
    else await expect(watch()).rejects.toThrow(message);
  } finally {
    await session.close();
  }
});
