import { beforeAll, describe, expect, test } from 'vitest';
import { CephCluster } from './ceph-cluster.ts';
import { DemoServer } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** Images and servers' own disks in Ceph, on a real Docker Engine: what counts is what the pools have of each. */
const cloud = 'e2ecephservers';
const lines = ({ stores = '[files, ceph]', disks = 'ceph' } = {}) =>
  `services: {ceph: true, cinder: true}
images: {stores: ${stores}, defaultStore: ${stores.includes('ceph') ? 'ceph' : 'files'}}
compute: {disks: ${disks}}
`;

const group = useGroupCloud(cloud, lines());
const cluster = new CephCluster(group);

const openstack = (...words: string[]) =>
  group().gantry.output('openstack', '--os-cloud', `${cloud}-demo`, ...words);
const admin = (...words: string[]) => group().gantry.output('openstack', ...words);

async function listed(...words: string[]): Promise<string[]> {
  return (await admin(...words, '-f', 'value', '-c', 'ID')).split('\n').filter((line) => line !== '');
}

async function namesIn(pool: string): Promise<string[]> {
  return (await cluster.inMonitor('rbd', 'ls', pool)).split('\n').filter((line) => line !== '');
}

/** What a block device is a clone of, as `POOL/IMAGE@SNAPSHOT`. */
async function parentOf(device: string): Promise<string | undefined> {
  const { parent } = JSON.parse(await cluster.inMonitor('rbd', 'info', '--format', 'json', device));
  return parent && `${parent.pool}/${parent.image}@${parent.snapshot}`;
}

describe('images and servers’ disks in Ceph', () => {
  let server: DemoServer;
  let id: string;
  let image: string;
  let written: string;
  const checksum = () => server.run('sha256sum data');

  testComing(group);
  testChecks(group, 'image download', 'block pools', 'volumes', 'SSH login');

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
    [id = ''] = await listed('server', 'list', '--all-projects');
    [image = ''] = await listed('image', 'list');
  });

  test('disks of servers and volumes are clones of the image, which Glance made raw', async () => {
    expect(await namesIn('images')).toContain(image);
    expect(await parentOf(`servers/${id}_disk`)).toBe(`images/${image}@snap`);
    await openstack('volume', 'create', '--size', '1', '--image', image, 'system');
    const [volume = ''] = await listed('volume', 'list', '--all-projects');
    await waitUntil('a volume of the image', 60_000, async () =>
      (await openstack('volume', 'show', 'system', '-f', 'value', '-c', 'status')).trim() === 'available'
        ? true
        : undefined,
    );
    expect(await parentOf(`volumes/volume-${volume}`)).toBe(`images/${image}@snap`);
  });

  test('users are not told where an image is, and cannot remove one that others are clones of', async () => {
    const shown = JSON.parse(await admin('image', 'show', image, '-f', 'json'));
    expect(JSON.stringify(shown)).not.toContain('rbd://');
    const { code } = await group().gantry.run('openstack', 'image', 'delete', image);
    expect(code).toBe(1);
    expect(await namesIn('images')).toContain(image);
  });

  test('an image of a server is made in the pool, and needs the server no more', async () => {
    await openstack('server', 'image', 'create', '--name', 'copy', '--wait', id);
    const [copy = ''] = await listed('image', 'list', '--name', 'copy');
    expect(await parentOf(`images/${copy}`)).toBeUndefined();
    const logs = await group().gantry.output('logs', 'nova-compute');
    expect(logs).not.toContain('Performing standard snapshot');
  });

  test('neither is looked for elsewhere while there are any, which is told with their names', async () => {
    const { gantry, containers } = group();
    const before = await containers.identities();
    for (const [wanted, says, kept] of [
      [lines({ disks: 'local' }), `there are servers whose disks are in Ceph: demo (${id})`, 'nova-compute'],
      [
        lines({ stores: '[files]' }),
        'images are in stores that images.stores of cloud.yaml does not have',
        'glance-api',
      ],
    ] as const) {
      await gantry.configure(wanted);
      const { code, stderr } = await gantry.run('up');
      expect(code).toBe(1);
      expect(stderr).toContain(says);
      expect((await containers.identities())[kept]).toBe(before[kept]);
    }
    await gantry.configure(lines());
    await expectDone(group(), 'up');
  });

  test('have the same bytes when every container was made again, and when the server is started again', async () => {
    await server.run('head -c 8388608 /dev/urandom > data && sync');
    written = await checksum();
    await expectDone(group(), 'down', '--yes');
    await expectDone(group(), 'up');
    await waitUntil('the server', 180_000, () => server.run('hostname').catch(() => undefined));
    expect(await checksum()).toBe(written);
    await openstack('server', 'stop', id);
    await waitUntil('the server to be stopped', 90_000, async () =>
      (await openstack('server', 'show', id, '-f', 'value', '-c', 'status')).trim() === 'SHUTOFF'
        ? true
        : undefined,
    );
    await openstack('server', 'start', id);
    await waitUntil('the server', 180_000, () => server.run('hostname').catch(() => undefined));
    expect(await checksum()).toBe(written);
  });

  test('leave nothing in the pools when they are removed', async () => {
    await expectDone(group(), 'demo', '--remove');
    for (const one of await listed('image', 'list', '--all')) await admin('image', 'delete', one);
    await waitUntil('empty pools', 60_000, async () =>
      (await Promise.all(['images', 'servers', 'volumes'].map(namesIn))).flat().length === 0
        ? true
        : undefined,
    );
  });

  testGoing(group);
});
