import { beforeAll, expect, test } from 'vitest';
import { cloudSchema } from '../../src/config/schema.ts';
import type { ServiceDefinition } from '../../src/model/service.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { checkSettings } from '../../src/resolve/check-settings.ts';
import { projectRoot } from '../../src/root.ts';
import { type RenderedCloud, renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { placementGroups } from '../ceph/placement-groups.ts';
import { groups } from './config.ts';

let catalogue: ServiceDefinition[];
let cloud: RenderedCloud;
const without = (...names: string[]) =>
  renderCloud(catalogue.filter(({ name }) => !names.includes(name) && name !== 'registry'));

beforeAll(async () => {
  catalogue = await loadCatalogue(projectRoot());
  cloud = without('swift');
});

const fileOf = (workload: string, end: string) =>
  [...cloud.desired.processes, ...cloud.desired.jobs]
    .find(({ name }) => name === workload)
    ?.files.find(({ path }) => path.endsWith(end))?.content ?? '';

const findings = (services: Record<string, boolean>) =>
  checkSettings(catalogue, cloudSchema(catalogue).parse({ services })).map(
    ({ path, beside, message }) => `${path.join('.')} ${message}${beside ? ` (${beside.join('.')})` : ''}`,
  );

test('it is in the place of Swift, needs Ceph, and is no place for the registry', () => {
  expect(findings({ ceph: true, rgw: true })).toEqual([]);
  expect(findings({ swift: true, rgw: false })).toEqual([]);
  expect(findings({ ceph: true, rgw: true, swift: true })).toEqual([
    'services.rgw is in the place of services.swift, which is on as well (services.swift)',
  ]);
  expect(findings({ rgw: true })).toEqual(['services.rgw keeps objects in pools of Ceph, which is not on']);
  expect(findings({ ceph: true, rgw: true, registry: true })).toEqual([
    'services.registry keeps its images in Swift, which is not on',
  ]);
});

test('its client in Ceph has rights in its own pools alone, and its key is nowhere else', () => {
  const section = fileOf('ceph-cluster', '/clients.keyring')
    .split(/^(?=\[)/m)
    .find((one) => one.startsWith('[client.rgw]'));
  expect(section).toContain('[client.rgw]\n\tkey = FAKE/ceph-rgw-key/SECRET\n');
  expect(section).toContain('\tcaps mon = "allow r"\n\tcaps osd = "allow rwx tag rgw *=*"\n');
  const wanted = JSON.parse(fileOf('ceph-cluster', '/cluster.json'));
  for (const pool of Object.keys(groups)) expect(wanted.applications[pool]).toBe('rgw');
  expect(wanted.pools).toMatchObject(groups);
  const holders = [...cloud.desired.processes, ...cloud.desired.jobs]
    .filter(({ files }) => files.some(({ content }) => content.includes('FAKE/ceph-rgw-key/SECRET')))
    .map(({ name }) => name);
  expect(holders.sort()).toEqual(['ceph-cluster', 'ceph-rgw']);
});

test('it logs in to Keystone as a service that has no other role, by a password in a file', () => {
  expect(cloud.declared.accounts.find(({ user }) => user === 'rgw')).toEqual({
    user: 'rgw',
    secret: 'rgw-account',
    roles: ['service'],
  });
  expect(fileOf('ceph-rgw', '/ceph.conf')).toContain(
    'rgw_keystone_admin_password_path = /etc/gantry/keystone-password\n',
  );
  expect(fileOf('ceph-rgw', '/ceph.conf')).not.toContain('rgw-account');
  expect(fileOf('ceph-rgw', '/keystone-password')).toBe('FAKE/rgw-account/SECRET');
});

test('it starts no daemon of Ceph again, and backups of volumes go to it as they do to Swift', () => {
  const before = without('swift', 'rgw');
  const after = without('swift');
  const added = replacedBetween(before, after).filter((name) => name !== 'haproxy');
  expect(added.sort()).toEqual(['ceph-cluster', 'ceph-rgw', 'cinder-backup', 'horizon']);
  expect(fileOf('cinder-backup', '/cinder.conf')).toContain(
    'swift_catalog_info = object-store:swift:internalURL\n',
  );
});

test('an OSD has less than 250 placement groups with its pools, after others have gone too', () => {
  for (const copies of [1, 2, 3]) {
    for (let osds = copies; osds <= 64; osds++) {
      const all = Object.values(placementGroups(osds, copies, groups)).reduce((sum, one) => sum + one, 0);
      expect((2 * all * copies) / osds).toBeLessThan(250);
    }
  }
});
