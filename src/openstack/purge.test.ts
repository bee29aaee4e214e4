import { expect, test } from 'vitest';
import { listCatalogue } from '../resolve/catalogue.ts';
import { loadPurges } from '../resolve/purges.ts';
import { projectRoot } from '../root.ts';
import { fakeThings, idsOf } from './fake-things.ts';
import { purgeProject, purgeUser } from './purge.ts';

const purges = await loadPurges(projectRoot(), listCatalogue(projectRoot()));

/** Things of the project `p1`, and of another. */
const things = () => ({
  '/projects': [{ id: 'p1', name: 'ours' }],
  '/servers': [
    { id: 's1', tenant_id: 'p1' },
    { id: 's2', tenant_id: 'p2' },
  ],
  '/os-server-groups': [
    { id: 'g1', project_id: 'p1' },
    { id: 'g2', project_id: 'p2' },
  ],
  '/routers': [{ id: 'r1', project_id: 'p1' }],
  '/ports': [
    { id: 'made', project_id: 'p1', device_owner: '' },
    { id: 'of DHCP', project_id: 'p1', device_owner: 'network:distributed' },
  ],
  '/networks': [
    { id: 'n1', project_id: 'p1' },
    { id: 'n2', project_id: 'p2' },
  ],
  '/images': [
    { id: 'i1', owner: 'p1' },
    { id: 'i2', owner: 'p2' },
  ],
  '/flavors': [{ id: 'f1', name: 'm1.nano' }],
  '/snapshots': [
    { id: 'vs1', 'os-extended-snapshot-attributes:project_id': 'p1' },
    { id: 'vs2', 'os-extended-snapshot-attributes:project_id': 'p2' },
  ],
  '/volumes': [
    { id: 'v1', 'os-vol-tenant-attr:tenant_id': 'p1' },
    { id: 'v2', 'os-vol-tenant-attr:tenant_id': 'p2' },
  ],
});

const others = ['p1', 's2', 'g2', 'of DHCP', 'n2', 'i2', 'f1', 'vs2', 'v2'];

test('what a project holds goes, what uses others first; it stays, and so does what is of others', async () => {
  const removed: string[] = [];
  const { session, things: left } = fakeThings(things(), (path) => removed.push(path));
  await purgeProject(session, purges, 'p1');
  expect(idsOf(left)).toEqual(others);
  expect(removed.indexOf('/servers/s1')).toBeLessThan(removed.indexOf('/ports/made'));
  expect(removed.indexOf('/ports/made')).toBeLessThan(removed.indexOf('/networks/n1'));
});

test('after a failure the rest goes all the same', async () => {
  const { session, things: left } = fakeThings(things(), (path) => {
    if (path === '/servers/s1') throw new Error('the hypervisor is away');
  });
  await expect(purgeProject(session, purges, 'p1')).rejects.toThrow('the hypervisor is away');
  expect(idsOf(left)).toEqual(others);
});

test('the key pairs of a user go', async () => {
  const { session, things: left } = fakeThings({ '/os-keypairs': [{ id: 'key', keypair: { name: 'key' } }] });
  await purgeUser(session, purges, 'u1');
  expect(idsOf(left)).toEqual([]);
});
