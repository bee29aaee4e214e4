import { expect, test } from 'vitest';
import type { Process } from '../../src/model/workload.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { fakeSecret, renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { checkSettings } from './check-settings.ts';

const services = await loadCatalogue(projectRoot());
const without = (...names: string[]) => services.filter(({ name }) => !names.includes(name));

const cloud = renderCloud(services);
const processOf = ({ desired } = cloud, wanted = 'libvirt'): Process => {
  const found = desired.processes.find(({ name }) => name === wanted);
  if (!found) throw new Error(`there is no ${wanted}`);
  return found;
};
const fileOf = (process: Process, name: string) =>
  process.files.find(({ path }) => path === `/etc/gantry/${name}`);

test('without anything that has pools it is refused, with what to set', () => {
  expect(checkSettings({}, { isGiven: () => true })).toEqual([]);
  expect(checkSettings({}, { isGiven: () => false })).toEqual([]);
  expect(checkSettings({}, { isGiven: (offer) => offer === 'blockStorage' })).toMatchObject([
    { path: ['services', 'cinder'], level: 'error', next: expect.stringContaining('services.ceph') },
  ]);
});

test('pools alone leave libvirt and Nova as they are, which volumes change', () => {
  const [plain, pools] = [renderCloud(without('ceph', 'cinder')), renderCloud(without('cinder'))];
  const ofServers = (name: string) => /^(nova|libvirt|virtlogd)/.test(name);
  expect(replacedBetween(plain, pools).filter(ofServers)).toEqual(['nova-disks']);
  expect(replacedBetween(plain, cloud)).toEqual(expect.arrayContaining(['libvirt', 'nova-compute']));
  expect(replacedBetween(plain, cloud)).not.toContain('virtlogd');
  expect(processOf(plain).image).toBe('libvirt');
  expect(fileOf(processOf(plain, 'nova-compute'), 'nova.conf')?.content).not.toContain('[cinder]');
});

test('the key that servers read volumes with is libvirt’s by the UUID that Cinder names, in files alone', () => {
  const libvirt = processOf();
  const uuid = fakeSecret('ceph-fsid');
  expect(fileOf(libvirt, 'ceph-openstack-secret.xml')?.content).toContain(`<uuid>${uuid}</uuid>`);
  expect(fileOf(libvirt, 'ceph-openstack-secret.base64')).toMatchObject({
    content: fakeSecret('ceph-client-key'),
    mode: 0o440,
    secret: true,
  });
  expect(fileOf(processOf(cloud, 'cinder-volume'), 'cinder.conf')?.sections).toMatchObject({
    ceph: { rbd_secret_uuid: { value: uuid }, backend_host: { value: 'rbd:volumes' } },
  });
  expect(libvirt.after).not.toContain('job:ceph-cluster');
});

test('the key of the pools is where volumes are served, and not in what only asks for them', () => {
  const holders = cloud.desired.processes
    .filter(({ service }) => service === 'cinder' || service === 'nova' || service === 'libvirt')
    .filter(({ files }) => files.some(({ content }) => content.includes(fakeSecret('ceph-client-key'))))
    .map(({ name }) => name);
  expect(holders.sort()).toEqual(['cinder-backup', 'cinder-volume', 'libvirt']);
});

test('backups are made where there are containers of objects, by an account that has nothing else', () => {
  const noObjects = renderCloud(without('registry', 'swift'));
  expect(noObjects.desired.processes.map(({ name }) => name)).not.toContain('cinder-backup');
  expect(fileOf(processOf(cloud, 'cinder-backup'), 'cinder.conf')?.sections).toMatchObject({
    DEFAULT: {
      backup_swift_user: { value: 'cinder-backup' },
      backup_swift_project: { value: 'volume-backups' },
      swift_catalog_info: { value: 'object-store:swift:internalURL' },
    },
  });
  const secret = fakeSecret('cinder-backup-account');
  const holders = cloud.desired.processes.filter(({ files }) =>
    files.some(({ content }) => content.includes(secret)),
  );
  expect(holders.map(({ name }) => name)).toEqual(['cinder-backup']);
});

test('there is a type of encrypted volumes where something keeps their keys', () => {
  const typesOf = ({ desired }: typeof cloud) =>
    JSON.parse(
      desired.jobs
        .find(({ name }) => name === 'cinder-volume-type')
        ?.files.find(({ path }) => path.endsWith('volume-types.json'))?.content ?? '',
    ).types.map(({ type }: { type: { name: string } }) => type.name);
  expect(typesOf(cloud)).toEqual(['ceph', 'ceph-luks']);
  expect(typesOf(renderCloud(without('barbican')))).toEqual(['ceph']);
});
