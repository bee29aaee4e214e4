import { expect, test } from 'vitest';
import type { ApiClient, DemoServer } from '../client.ts';
import { waitUntil } from '../gantry.ts';
import type { GroupCloud } from '../group-cloud.ts';
import { loginWith } from '../objects.ts';
import { checksum, type Volumes, writeDisk } from '../volumes.ts';

/** From 3.14 on groups have snapshots, and are made of them; from 3.31 on users find theirs. */
const MICROVERSION = '3.31';

interface GroupUsers {
  user: Volumes;
  server: () => DemoServer;
  give(name: string): Promise<void>;
  takeAway(name: string): Promise<void>;
}

/**
 * Groups of volumes, by OpenStack's client as far as that goes: it cannot say of a volume in which one it is, shows no group, and
 * ends with an error when it has made one from a snapshot (python-openstackclient 7.4.0 with python-cinderclient 9.7.0).
 */
export function testVolumeGroups(use: () => GroupCloud, { user, server, give, takeAway }: GroupUsers): void {
  const grouped = (...words: string[]) =>
    user.openstack('--os-volume-api-version', MICROVERSION, 'volume', 'group', ...words);

  /** What the client says, whose words for the same differ in case between its commands. */
  async function shown(...words: string[]): Promise<Record<string, string>> {
    const fields = Object.entries(
      JSON.parse(await grouped(...words, '-f', 'json')) as Record<string, string>,
    );
    return Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value]));
  }

  const ask = async (client: ApiClient, method: 'GET' | 'POST', path: string, body?: object) => {
    const { status, content } = await client.ask(method, 'block-storage', path, {
      headers: { 'content-type': 'application/json', 'openstack-api-version': `volume ${MICROVERSION}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${content}`);
    return JSON.parse(`${content}`);
  };

  const waitFor = (client: ApiClient, kind: 'group' | 'group_snapshot', id: string) =>
    waitUntil(`${kind} ${id}`, 120_000, async () => {
      const { status } = (await ask(client, 'GET', `/${kind}s/${id}`))[kind] as { status: string };
      if (status.startsWith('error')) throw new Error(`${kind} ${id} is ${status}`);
      return status === 'available' ? true : undefined;
    });

  test('are a group where they belong together, whose snapshot becomes another one with the same bytes', async () => {
    const type = ['--os-volume-api-version', MICROVERSION, 'volume', 'group', 'type', 'create', 'together'];
    await use().gantry.output('openstack', ...type);
    const types = ['--volume-group-type', 'together', '--volume-type', 'ceph'];
    const client = await loginWith(use().gantry, 'member', 'demo');
    const { id: pair = '' } = await shown('create', ...types, '--name', 'pair');
    await waitFor(client, 'group', pair);
    for (const name of ['data', 'log']) {
      const volume = { name, size: 1, volume_type: 'ceph', group_id: pair };
      await ask(client, 'POST', '/volumes', { volume });
      await user.waitFor(name, 'available');
    }
    await give('data');
    const written = await writeDisk(server());
    await takeAway('data');
    const { id: moment = '' } = await shown('snapshot', 'create', '--name', 'moment-of-pair', pair);
    await waitFor(client, 'group_snapshot', moment);
    await give('data');
    expect(await writeDisk(server())).not.toBe(written);
    await takeAway('data');

    const made = { name: 'copies', group_snapshot_id: moment };
    const { group } = await ask(client, 'POST', '/groups/action', { 'create-from-src': made });
    const copies = group.id as string;
    await waitFor(client, 'group', copies);
    const { volumes } = (await ask(client, 'GET', `/volumes/detail?group_id=${copies}`)) as {
      volumes: { id: string; snapshot_id: string }[];
    };
    expect(volumes).toHaveLength(2);
    const sources = await Promise.all(
      volumes.map(async ({ id, snapshot_id }) => {
        const { snapshot } = await ask(client, 'GET', `/snapshots/${snapshot_id}`);
        return { id, source: snapshot.volume_id as string };
      }),
    );
    const data = (await user.openstack('volume', 'show', 'data', '-f', 'value', '-c', 'id')).trim();
    const again = sources.find(({ source }) => source === data)?.id ?? '';
    await give(again);
    expect(await checksum(server())).toBe(written);
    await takeAway(again);
  });
}
