import { describe, expect, it } from 'vitest';
import { ApiError } from '../openstack/errors.ts';
import type { RequestOptions, Session } from '../openstack/session.ts';
import { listCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import { removeTestResources, takeInventory } from './cleanup.ts';
import { loadTempestParts } from './load.ts';

type Item = Record<string, unknown> & { id: string };

/** APIs that hold these things by the path of their collection, such as `/networks`, and remove them. */
function fakeCloud(things: Record<string, Item[]>, onRemoval: (path: string) => void = () => {}) {
  const refuse = (path: string, status: number) =>
    new ApiError({ service: 'fake', request: path, status, text: '', requestId: undefined });
  const request = async (_: string, method: string, path: string, { query = {} }: RequestOptions = {}) => {
    const name = path
      .replace(/^\/(os-)?/, '')
      .replace('/detail', '')
      .replaceAll('-', '_');
    if (method === 'DELETE') {
      const [, collection = '', id = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
      const kept = (things[collection] ?? []).filter((one) => one.id !== id);
      if (kept.length === things[collection]?.length) throw refuse(path, 404);
      things[collection] = kept;
      onRemoval(path);
      return { body: undefined };
    }
    if (method !== 'GET') return { body: {} };
    const found = things[path.replace('/detail', '')];
    if (!found && path !== '/os-keypairs') throw refuse(path, 404);
    const matching = (found ?? []).filter((one) => !query.device_id || one.device_id === query.device_id);
    return { body: { [name.split('/').at(-1) as string]: matching } };
  };
  const clock = { now: () => 0, sleep: async () => {} };
  return { session: { request, clock, signal: new AbortController().signal } as unknown as Session, things };
}

const parts = await loadTempestParts(projectRoot(), listCatalogue(projectRoot()));

const ids = (things: Record<string, Item[]>) =>
  Object.values(things).flatMap((items) => items.map(({ id }) => id));

describe('removeTestResources', () => {
  it('removes what tests made and what is in their projects, and nothing else', async () => {
    const { session, things } = fakeCloud({
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
    expect(await removeTestResources(session, parts, await takeInventory(session, parts))).toEqual([]);
    expect(ids(things)).toEqual(['demo', 'admin', 'n2', 'i2', 'RegionOne']);
  });

  it('removes what came with a run under names of plugins, or is left without its project', async () => {
    const { session, things } = fakeCloud({
      '/projects': [{ id: 'demo', name: 'demo' }],
      '/security-groups': [{ id: 'old', name: 'default', project_id: 'gone-long-ago' }],
      '/subnetpools': [{ id: 'theirs', name: 'tempest-pool-1', project_id: 'demo' }],
    });
    const before = await takeInventory(session, parts);
    things['/security-groups']?.push({ id: 'new', name: 'default', project_id: 'gone-now' });
    things['/subnetpools']?.push({ id: 'ours', name: 'tempest-pool-2', project_id: 'demo' });
    expect(await removeTestResources(session, parts, before)).toEqual([]);
    expect(ids(things)).toEqual(['demo', 'old', 'theirs']);
  });

  it('finds what an API made only while the rest was being removed', async () => {
    const { session, things } = fakeCloud(
      { '/projects': [{ id: 'p1', name: 'gtest-RoutersTest-1' }], '/routers': [], '/ports': [] },
      (path) => {
        if (path === '/projects/p1') things['/routers']?.push({ id: 'late', name: 'test', project_id: 'p1' });
      },
    );
    expect(await removeTestResources(session, parts, await takeInventory(session, parts))).toEqual([]);
    expect(ids(things)).toEqual([]);
  });
});
