import { expect, test } from 'vitest';
import { z } from 'zod';
import { cloudSchema } from '../../src/config/schema.ts';
import type { Resources } from '../../src/model/workload.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { checkSettings as checkAll } from '../../src/resolve/check-settings.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { checkSettings } from './check-settings.ts';
import { placementGroups } from './placement-groups.ts';
import { replicasOf, settings, volumesOf } from './settings.ts';

const settingsOf = (ceph: object) => z.strictObject(settings).parse({ storage: { ceph } });

/** What is wrong, with its place. */
const findingsOf = (ceph: object, limitsOf: (name: string) => Resources = () => ({})) =>
  checkSettings(settingsOf(ceph), { limitsOf, hasNodes: false }).map(
    ({ path, message }) => `${path.slice(2).join('.')} ${message}`,
  );

const cloudWith = async (ceph: object) =>
  renderCloud(await loadCatalogue(projectRoot()), { settings: { storage: { ceph } } });

test('there are three copies, or as many as there are volumes, unless another number is said', () => {
  const copies = (volumes: number, replicas?: number) =>
    replicasOf({ settings: settingsOf({ volumes, replicas }) });
  expect([1, 2, 3, 9].map((volumes) => copies(volumes))).toEqual([1, 2, 3, 3]);
  expect(copies(3, 2)).toBe(2);
});

test('more copies than volumes, and directories that do not fit them, are refused at their place', () => {
  expect(findingsOf({})).toEqual([]);
  expect(findingsOf({ volumes: 2, replicas: 3 })).toEqual([
    'replicas wants 3 copies on different volumes and devices, of which there are 2',
  ]);
  expect(findingsOf({ directories: ['/srv/a', '/srv/b'] })).toEqual([
    'directories names 2 directories for 1 volumes',
  ]);
  expect(findingsOf({ volumes: 2, directories: ['/srv/a', '/srv/b'] })).toEqual([]);
});

test('volumes that are to be emptied are there, and leave enough for all copies', () => {
  expect(findingsOf({ volumes: 4, drain: [4] })).toEqual([]);
  expect(findingsOf({ volumes: 4, drain: [5] })).toEqual([
    'drain names 5, which is none of those that there are',
  ]);
  expect(findingsOf({ volumes: 4, replicas: 2, drain: [4, 4] })).toEqual(['drain names 4 twice']);
  expect(findingsOf({ volumes: 2, drain: [1] })).toEqual(['drain leaves 1 volumes and devices for 2 copies']);
});

test('disks of the machine are in the place of volumes, or beside them', async () => {
  const devices = [{ path: '/dev/disk/by-id/wwn-1' }, { path: '/dev/disk/by-id/wwn-2' }];
  expect(findingsOf({ devices, drain: ['/dev/disk/by-id/wwn-2'], replicas: 1 })).toEqual([]);
  expect(findingsOf({ devices, drain: [1] })).toEqual([
    'drain names 1, which is none of those that there are',
  ]);
  expect(findingsOf({ volumes: 0 })).toEqual(['volumes leaves nothing to keep blocks on']);
  const osds = async (ceph: object) =>
    (await cloudWith(ceph)).desired.processes.filter(({ instanceOf }) => instanceOf?.startsWith('ceph-'));
  expect((await osds({ devices })).map(({ name }) => name)).toEqual([
    expect.stringMatching(/^ceph-disk-wwn-1-[0-9a-f]{6}$/),
    expect.stringMatching(/^ceph-disk-wwn-2-[0-9a-f]{6}$/),
  ]);
  const [volume, disk] = await osds({ volumes: 1, devices: devices.slice(1) });
  expect(volume?.volumes).toMatchObject([{ volume: 'ceph-osd-1' }]);
  expect(disk?.needs.devices).toEqual([
    { block: '/dev/disk/by-id/wwn-2', path: '/dev/osd', content: ['ceph_bluestore'] },
  ]);
});

test('a limit that is less than an OSD takes is refused, of all OSDs and of one', () => {
  const limits = (all: Record<string, number>) => (name: string) => {
    const memoryMiB = all[name];
    return memoryMiB === undefined ? {} : { memoryMiB };
  };
  expect(findingsOf({}, limits({ 'ceph-osd': 1120, 'ceph-mon': 64 }))).toEqual([]);
  const refused = 'memory is less than the 1120MiB that an OSD needs';
  expect(findingsOf({}, limits({ 'ceph-osd': 1119 }))).toEqual([refused]);
  expect(findingsOf({ volumes: 2 }, limits({ 'ceph-osd': 2048, 'ceph-osd-2': 1024 }))).toEqual([refused]);
});

test('a cloud of several nodes has no disks, which are refused at their place', async () => {
  const catalogue = await loadCatalogue(projectRoot());
  const findings = (ceph: object) =>
    checkAll(
      catalogue,
      cloudSchema(catalogue).parse({
        engine: 'kubernetes',
        services: { ceph: true, cinder: true },
        storage: { ceph },
      }),
    );
  expect(findings({ volumes: 3 })).toEqual([]);
  for (const device of [
    { path: '/dev/disk/by-id/wwn-1' },
    { path: '/dev/disk/by-id/wwn-1', node: 'node-1' },
  ]) {
    expect(findings({ devices: [device] })).toContainEqual(
      expect.objectContaining({
        path: ['storage', 'ceph', 'devices'],
        message: expect.stringContaining('OSDs in clouds of one machine only'),
      }),
    );
  }
});

test('a volume has room for its file and for what a file system keeps for itself', () => {
  expect(volumesOf({ settings: settingsOf({ size: '20Gi' }) })).toEqual([
    { volume: 'ceph-osd-1', sizeGiB: 22 },
  ]);
});

test('an OSD is found by the name of its volume, whatever its container is called', async () => {
  const { desired } = await cloudWith({ volumes: 2 });
  const commands = desired.processes.filter(({ instanceOf }) => instanceOf).map(({ command }) => command);
  expect(commands).toContainEqual(['start-osd', String(20 * 2 ** 30), '80', 'ceph-osd-2']);
});

test('an OSD has 40 to 80 placement groups, however many OSDs and copies there are', () => {
  for (const copies of [1, 2, 3]) {
    for (let osds = copies; osds <= 64; osds++) {
      const groups = Object.values(placementGroups(osds, copies)).reduce((sum, one) => sum + one, 0);
      expect((groups * copies) / osds).toBeGreaterThanOrEqual(40);
      expect((groups * copies) / osds).toBeLessThanOrEqual(80);
    }
  }
});

test('one more volume, and one that is to be emptied, start no daemon again', async () => {
  const one = await cloudWith({ volumes: 3 });
  expect(replacedBetween(one, await cloudWith({ volumes: 4 }))).toEqual(['ceph-osd-4', 'ceph-cluster']);
  expect(replacedBetween(one, await cloudWith({ volumes: 3, replicas: 2, drain: [3] }))).toEqual([
    'ceph-cluster',
  ]);
});

test('the tools in the monitor are let in by all that they ask', async () => {
  const { desired } = await cloudWith({ volumes: 2 });
  const monitor = desired.processes.find(({ name }) => name === 'ceph-mon');
  expect(monitor?.reaches).toEqual(['ceph-mgr', 'ceph-osd-1', 'ceph-osd-2', 'ceph-mds']);
});

test('there is a monitor on each of three control nodes, which all clients know by names whose addresses stay', async () => {
  const catalogue = await loadCatalogue(projectRoot());
  const facts = {
    controlNodes: 3,
    domain: '.test.svc.cluster.local',
    instanceDomain: '.{process}-peers.test.svc.cluster.local',
  };
  const settings = { engine: 'kubernetes', replicas: { 'ceph-mon': 3 } };
  const { desired } = renderCloud(catalogue, { facts, settings });
  const find = (name: string) => desired.processes.find((one) => one.name === name);
  const hosts = ['ceph-mon', 'ceph-mon-1', 'ceph-mon-2'].map((name) => `${name}.test.svc.cluster.local`);
  expect(find('ceph-mon')?.replicas).toBe(3);
  expect(find('ceph-mon')?.files.find(({ path }) => path.endsWith('/monitors'))?.content).toBe(
    `${hosts.join('\n')}\n`,
  );
  const told = `mon_host = ${hosts.map((host) => `${host}:3300`).join(',')}\n`;
  for (const name of ['ceph-mon', 'ceph-osd-1', 'cinder-volume'])
    expect(find(name)?.files.find(({ path }) => path.endsWith('/ceph.conf'))?.content).toContain(told);
});

test('the key of an administrator is in the monitor and the job alone', async () => {
  const { desired } = await cloudWith({});
  const holders = [...desired.processes, ...desired.jobs]
    .filter(({ files }) => files.some(({ content }) => content.includes('FAKE/ceph-admin-key/SECRET')))
    .map(({ name }) => name);
  expect(holders.sort()).toEqual(['ceph-cluster', 'ceph-mon']);
});
