import { beforeAll, expect, test } from 'vitest';
import { cloudSchema } from '../../src/config/schema.ts';
import type { ServiceDefinition } from '../../src/model/service.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { checkSettings } from '../../src/resolve/check-settings.ts';
import { projectRoot } from '../../src/root.ts';
import { type CloudInput, renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { placementGroups } from '../ceph/placement-groups.ts';
import { groups as groupsOfObjects } from '../rgw/config.ts';
import { groups } from './config.ts';
import status from './status.ts';

let catalogue: ServiceDefinition[];

beforeAll(async () => {
  catalogue = await loadCatalogue(projectRoot());
});

const render = (input: CloudInput = {}, ...without: string[]) =>
  renderCloud(
    catalogue.filter(({ name }) => !without.includes(name)),
    input,
  );
const workloadsOf = ({ desired }: ReturnType<typeof render>) => [...desired.processes, ...desired.jobs];
const fileOf = (cloud: ReturnType<typeof render>, workload: string, end: string) =>
  workloadsOf(cloud)
    .find(({ name }) => name === workload)
    ?.files.find(({ path }) => path.endsWith(end))?.content ?? '';

test('it is refused without Ceph, at its place', () => {
  const findings = (services: object) =>
    checkSettings(catalogue, cloudSchema(catalogue).parse({ services })).map(
      ({ path, message }) => `${path.join('.')} ${message}`,
    );
  expect(findings({ ceph: true, cephfs: true })).toEqual([]);
  expect(findings({ cephfs: true })).toEqual([
    'services.cephfs keeps files in pools of Ceph, which is not on',
  ]);
});

test('servers have a key each of them may use, in pools of files alone, and the client reads none itself', () => {
  const keyring = fileOf(
    render({ settings: { replicas: { 'ceph-mds': 2 } } }),
    'ceph-cluster',
    '/clients.keyring',
  );
  const server = (name: string) =>
    `[${name}]\n\tkey = FAKE/ceph-mds-key/SECRET\n\tcaps mon = "allow profile mds"\n` +
    '\tcaps mgr = "allow profile mds"\n\tcaps osd = "allow rw tag cephfs *=*"\n\tcaps mds = "allow"\n';
  expect(keyring).toContain(`${server('mds.a')}${server('mds.b')}`);
  expect(keyring).not.toContain('mds.c');
  expect(keyring).toContain(
    '[client.subvolumes]\n\tkey = FAKE/ceph-subvolumes-key/SECRET\n\tcaps mon = "allow r"\n' +
      '\tcaps mgr = "allow module volumes rw"\n[',
  );
});

test('their keys are with them and with what makes the users of the cluster alone', () => {
  const cloud = render();
  for (const secret of ['ceph-mds-key', 'ceph-subvolumes-key']) {
    const holders = workloadsOf(cloud).filter(({ files }) =>
      files.some(({ content }) => content.includes(`FAKE/${secret}/SECRET`)),
    );
    expect(holders.map(({ name }) => name).sort()).toEqual(['ceph-cluster', 'ceph-mds']);
  }
});

test('it starts no daemon of Ceph again, and more servers are made known before they start', () => {
  const without = render({}, 'cephfs');
  const one = render();
  expect(replacedBetween(without, one).sort()).toEqual(['ceph-cluster', 'ceph-mds']);
  const two = render({ settings: { replicas: { 'ceph-mds': 2 } } });
  expect(replacedBetween(one, two).sort()).toEqual(['ceph-cluster', 'ceph-mds']);
  const system = { name: 'cephfs', metadata: 'cephfs_metadata', data: 'cephfs_data' };
  const wanted = (cloud: typeof one) => JSON.parse(fileOf(cloud, 'ceph-cluster', '/cluster.json'));
  expect(wanted(without).fileSystems).toEqual([]);
  expect(wanted(one)).toMatchObject({ pools: groups, fileSystems: [{ ...system, standbys: 0 }] });
  expect(wanted(two).fileSystems).toEqual([{ ...system, standbys: 1 }]);
  expect(two.desired.processes.find(({ name }) => name === 'ceph-mds')?.after).toContain('job:ceph-cluster');
});

test('the manager, which makes subvolumes, and the tools beside a monitor reach the servers', () => {
  const { desired } = render();
  for (const name of ['ceph-mgr', 'ceph-mon'])
    expect(desired.processes.find((one) => one.name === name)?.reaches).toContain('ceph-mds');
});

test('an OSD has less than 250 placement groups beside those of objects, after others have gone too', () => {
  for (const copies of [1, 2, 3]) {
    for (let osds = copies; osds <= 64; osds++) {
      const all = placementGroups(osds, copies, { ...groups, ...groupsOfObjects });
      const sum = Object.values(all).reduce((total, one) => total + one, 0);
      expect((2 * sum * copies) / osds).toBeLessThan(250);
    }
  }
});

test('each server is told of in words, and that none is active', () => {
  const read = (info: object[], standbys: object[] = []) =>
    status.read(
      JSON.stringify({
        standbys,
        filesystems: [
          { mdsmap: { fs_name: 'cephfs', info: Object.fromEntries(info.map((one, i) => [i, one])) } },
        ],
      }),
    );
  const a = { name: 'a', state: 'up:active' };
  const both = read([{ ...a, name: 'b' }], [{ name: 'a', state: 'up:standby' }]);
  expect(both.rows).toEqual([
    ['mds.a', 'standby'],
    ['mds.b', 'active for cephfs'],
  ]);
  expect(both.problems).toEqual([]);
  const problems = ['no server is active for the file system cephfs'];
  expect(read([{ ...a, state: 'up:rejoin' }])).toMatchObject({
    rows: [['mds.a', 'gets ready to be active (rejoin)']],
    problems,
  });
  expect(read([{ ...a, laggy_since: '2026-01-01' }])).toMatchObject({
    rows: [['mds.a', 'does not answer']],
    problems,
  });
  expect(read([])).toMatchObject({ rows: [], problems });
});
