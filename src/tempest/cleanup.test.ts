import { describe, expect, it } from 'vitest';
import { fakeThings, idsOf } from '../openstack/fake-things.ts';
import { listCatalogue } from '../resolve/catalogue.ts';
import { loadPurges } from '../resolve/purges.ts';
import { projectRoot } from '../root.ts';
import { removeTestResources, takeInventory } from './cleanup.ts';

const purges = await loadPurges(projectRoot(), listCatalogue(projectRoot()));

describe('removeTestResources', () => {
  it('removes what tests made and what is in their projects, and nothing else', async () => {
    const { session, things } = fakeThings({
      '/projects': [
        { id: 'demo', name: 'demo' },
        { id: 'p1', name: 'gtest-ServersTest-1' },
      ],
      '/users': [
        { id: 'admin', name: 'admin' },
        { id: 'u1', name: 'gtest-ServersTest-1-project' },
      ],
      '/os-keypairs': [{ id: 'key', keypair: { name: 'key' } }],
      '/networks': [
        { id: 'n1', name: 'net', project_id: 'p1' },
        { id: 'n2', name: 'net', project_id: 'demo' },
        { id: 'n3', name: 'gtest-network-7', project_id: 'demo' },
      ],
      '/images': [
        { id: 'i1', name: 'gtest-image', owner: 'demo' },
        { id: 'i2', name: 'tempest-image', owner: 'demo' },
      ],
      '/regions': [
        { id: 'RegionOne', description: '' },
        { id: 'r1', description: 'gtest-description-3' },
      ],
      '/domains': [{ id: 'd1', name: 'gtest-domain-1' }],
    });
    expect(await removeTestResources(session, purges, await takeInventory(session, purges))).toEqual([]);
    expect(idsOf(things)).toEqual(['demo', 'admin', 'n2', 'i2', 'RegionOne']);
  });

  it('removes what came with a run under names of plugins, or is left without its project', async () => {
    const { session, things } = fakeThings({
      '/projects': [{ id: 'demo', name: 'demo' }],
      '/security-groups': [{ id: 'old', name: 'default', project_id: 'gone-long-ago' }],
      '/subnetpools': [{ id: 'theirs', name: 'tempest-pool-1', project_id: 'demo' }],
    });
    const before = await takeInventory(session, purges);
    things['/security-groups']?.push({ id: 'new', name: 'default', project_id: 'gone-now' });
    things['/subnetpools']?.push({ id: 'ours', name: 'tempest-pool-2', project_id: 'demo' });
    expect(await removeTestResources(session, purges, before)).toEqual([]);
    expect(idsOf(things)).toEqual(['demo', 'old', 'theirs']);
  });

  it('finds what an API made only while the rest was being removed', async () => {
    const { session, things } = fakeThings(
      { '/projects': [{ id: 'p1', name: 'gtest-RoutersTest-1' }], '/routers': [], '/ports': [] },
      (path) => {
        if (path === '/projects/p1') things['/routers']?.push({ id: 'late', name: 'test', project_id: 'p1' });
      },
    );
    expect(await removeTestResources(session, purges, await takeInventory(session, purges))).toEqual([]);
    expect(idsOf(things)).toEqual([]);
  });
});
