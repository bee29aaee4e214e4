import { expect, it } from 'vitest';
import { waitForHypervisor } from './compute.ts';
import { type FakeAnswer, startFakeApi } from './fake-api.ts';
import { fakeKeystone } from './fake-keystone.ts';
import { openSession } from './session.ts';

it('looks again for a hypervisor soon where Nova does not answer', async () => {
  const looks: Promise<FakeAnswer>[] = [
    Promise.resolve({ json: { hypervisors: [] } }),
    new Promise(() => {}),
    Promise.resolve({ json: { hypervisors: [{ state: 'up', status: 'enabled' }] } }),
  ];
  let base = '';
  const keystone = fakeKeystone(() => ({ compute: `${base}/compute/v2.1/` }));
  const api = await startFakeApi({
    ...keystone.routes,
    'GET /compute/v2.1/os-hypervisors/detail': () => looks.shift() as Promise<FakeAnswer>,
  });
  base = api.url;
  const session = await openSession({
    authUrl: `${base}/v3`,
    user: 'admin',
    password: 'admin-secret',
    project: 'admin',
    interface: 'public',
    region: 'RegionOne',
  });
  const reasons: string[] = [];
  await waitForHypervisor(session, (reason) => reasons.push(reason));
  expect(reasons).toEqual([
    'no hypervisor takes servers yet',
    `GET ${base}/compute/v2.1/os-hypervisors/detail had no answer within 2 s`,
  ]);
});
