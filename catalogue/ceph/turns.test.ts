import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import type { Turn } from '../../src/resolve/logins.ts';
import { projectRoot } from '../../src/root.ts';
import { fakeSecret, type RenderedCloud, renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import operations from './operations.ts';

/** The cloud as it is before, and after each part of a change of the keys of Ceph's clients, and of a second one. */
const turns: (Turn | undefined)[] = [
  undefined,
  { second: false, both: true },
  { second: true, both: true },
  // The name of before has a new key.
  { second: true, both: true },
  { second: false, both: true },
];

const services = (await loadCatalogue(projectRoot())).filter(
  ({ name }) => name !== 'swift' && name !== 'registry',
);
const settings = { compute: { disks: 'ceph' }, images: { stores: ['files', 'ceph'] } };

const { declared } = renderCloud(services, { settings });
const secrets = operations.rotations
  .flatMap((rotation) => rotation.users(declared))
  .map(({ secret }) => secret);

/** Keys of the clients are their names here, and the number of the change that made them. */
const clouds = turns.map((turn, index) =>
  renderCloud(services, {
    settings,
    turn: (name) => (secrets.includes(name) ? turn : undefined),
    secret: (name) =>
      secrets.includes(name.replace('.other', '')) ? keyOf(name, turn, index) : fakeSecret(name),
  }),
) as [RenderedCloud, RenderedCloud, RenderedCloud, RenderedCloud, RenderedCloud];

function keyOf(name: string, turn: Turn | undefined, index: number): string {
  const isSecond = name.endsWith('.other') !== (turn?.second ?? false);
  return `KEY ${name.replace('.other', '')} ${isSecond ? 'b' : index < 3 ? 'a' : 'c'}`;
}

/** Each client in files that end so, with its key. */
function keysIn(cloud: RenderedCloud, isOf: (path: string) => boolean): string[] {
  const files = [...cloud.desired.processes, ...cloud.desired.jobs].flatMap((one) => one.files);
  const text = files.filter(({ path }) => isOf(path)).map(({ content }) => content);
  const found = [...text.join('\n').matchAll(/^\[client\.([\w-]+)\]\n\tkey = (KEY .*)$/gm)];
  return [...new Set(found.map(([, name, key]) => `${name} ${key}`))].sort();
}

const used = (cloud: RenderedCloud) => keysIn(cloud, (path) => path.includes('/ceph.client.'));
const admitted = (cloud: RenderedCloud) => keysIn(cloud, (path) => path.endsWith('/clients.keyring'));

test('what opens pools is let in, before each part and after it', () => {
  expect(used(clouds[0]).map((one) => one.split(' ')[0])).toEqual([
    'images',
    'openstack',
    'rgw',
    'servers',
    'subvolumes',
  ]);
  for (const [index, cloud] of clouds.entries()) {
    const before = clouds[index - 1];
    expect(admitted(cloud), `part ${index}`).toEqual(
      expect.arrayContaining([...used(cloud), ...(before ? used(before) : [])]),
    );
  }
  expect(used(clouds[4])).not.toEqual(used(clouds[0]));
});

test('a hypervisor has the keys of all that is let in, each by a UUID that stays with its name', () => {
  const uuids = (cloud: RenderedCloud) => {
    const files = cloud.desired.processes.find(({ name }) => name === 'libvirt')?.files ?? [];
    return files
      .filter(({ path }) => path.endsWith('-secret.xml'))
      .map(({ content }) =>
        [/<name>(.*)<\/name>/, /<uuid>(.*)<\/uuid>/].map((one) => one.exec(content)?.[1]).join(' '),
      );
  };
  expect(uuids(clouds[0])).toEqual([
    `client.openstack ${fakeSecret('ceph-fsid')}`,
    `client.servers ${fakeSecret('ceph-servers-uuid')}`,
  ]);
  expect(uuids(clouds[1])).toHaveLength(4);
  expect(uuids(clouds[1])).toEqual(expect.arrayContaining(uuids(clouds[0])));
  expect(new Set(uuids(clouds[1]).map((one) => one.split(' ')[1])).size).toBe(4);
  for (const cloud of clouds.slice(2)) expect(uuids(cloud)).toEqual(uuids(clouds[1]));
  const { rbd_secret_uuid, rbd_user } = cinderOf(clouds[2]);
  expect(uuids(clouds[2])).toContain(`client.${rbd_user?.value} ${rbd_secret_uuid?.value}`);
});

function cinderOf({ desired }: RenderedCloud) {
  const files = desired.processes.find(({ name }) => name === 'cinder-volume')?.files ?? [];
  return files.find(({ path }) => path.endsWith('/cinder.conf'))?.sections?.ceph ?? {};
}

test('new keys are told to the cluster and hypervisors first, and nothing that keeps data starts again', () => {
  const changed = clouds
    .slice(1)
    .map((cloud, index) => replacedBetween(clouds[index] as RenderedCloud, cloud));
  const [made, put, madeAgain, putAgain] = changed;
  for (const names of [made, madeAgain]) expect(names?.sort()).toEqual(['ceph-cluster', 'libvirt']);
  for (const names of [put, putAgain])
    expect(names?.sort()).toEqual([
      'ceph-mds',
      'ceph-rgw',
      'cinder-backup',
      'cinder-volume',
      'glance-api',
      'glance-internal',
      'nova-compute',
    ]);
});
