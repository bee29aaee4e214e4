import { expect, test } from 'vitest';
import type { Process } from '../../src/model/workload.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { fakeSecret, renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { type CinderSettings, checkSettings } from './settings.ts';

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

const EXPORT = 'nfs.example.org:/volumes';
type Cinder = CinderSettings['storage']['cinder'];
const storage = (cinder: Partial<Cinder>) => ({
  storage: { cinder: { backends: ['ceph'] as Cinder['backends'], nfs: { export: undefined }, ...cinder } },
});
const onNfs = { backends: ['nfs'] as Cinder['backends'], nfs: { export: EXPORT } };
const withNfs = (backends: Cinder['backends'], ...left: string[]) =>
  renderCloud(without(...left), { settings: storage({ ...onNfs, backends }) });

function typesOf({ desired }: typeof cloud): string[] {
  const job = desired.jobs.find(({ name }) => name === 'cinder-volume-type');
  const { content = '' } = job?.files.find(({ path }) => path.endsWith('volume-types.json')) ?? {};
  return JSON.parse(content).types.map(({ type }: { type: { name: string } }) => type.name);
}

test.each<[Partial<Cinder>, string[], object[]]>([
  [{}, ['blockStorage', 'blockPool'], []],
  [{}, [], []],
  [
    {},
    ['blockStorage'],
    [{ path: ['services', 'cinder'], level: 'error', next: expect.stringContaining('services.ceph') }],
  ],
  [onNfs, ['blockStorage'], []],
  [
    { backends: ['nfs'] },
    ['blockStorage'],
    [{ path: ['storage', 'cinder', 'backends'], level: 'error', message: expect.stringMatching(/export/) }],
  ],
  [
    { nfs: { export: EXPORT } },
    ['blockStorage', 'blockPool'],
    [{ path: ['storage', 'cinder', 'nfs', 'export'], level: 'warning' }],
  ],
])('backends %j beside what gives %j: what is missing is said, with what to set', (cinder, given, said) => {
  const isGiven = (offer: string) => given.includes(offer);
  expect(checkSettings(storage(cinder), { isGiven })).toMatchObject(said);
});

test('volumes that are files on NFS need no Ceph, and no privileges: nodes mount the export', () => {
  const nfs = withNfs(['nfs'], 'ceph', 'cephfs');
  const volume = processOf(nfs, 'cinder-volume-nfs');
  const mount = { volume: 'cinder-nfs', export: EXPORT };
  expect(volume).toMatchObject({
    needs: {},
    command: ['cinder-volume', expect.anything(), expect.anything()],
  });
  // The MD5 of the export, as os-brick and Nova name directories.
  const name = '0f8241460df013aa86ddd04138f0573c';
  expect(volume.volumes).toContainEqual({ ...mount, scope: 'shared', path: `/var/lib/cinder-mnt/${name}` });
  for (const process of ['libvirt', 'nova-compute']) {
    expect(processOf(nfs, process).volumes).toContainEqual({
      ...mount,
      scope: 'shared',
      path: `/var/lib/nova/mnt/${name}`,
    });
  }
  expect(processOf(nfs).image).toBe('libvirt');
  expect(fileOf(volume, 'cinder.conf')?.sections).toMatchObject({
    DEFAULT: { enabled_backends: { value: 'nfs' }, default_volume_type: { value: 'nfs' } },
    nfs: { nas_host: { value: 'nfs.example.org' }, nas_share_path: { value: '/volumes' } },
  });
  expect(nfs.desired.processes.map((one) => one.name)).not.toContain('cinder-volume');
  expect(typesOf(nfs)).toEqual(['nfs']);
});

test('of several backends each has a process, which reads and writes volumes of the others when they move', () => {
  const both = withNfs(['ceph', 'nfs']);
  for (const name of ['cinder-volume', 'cinder-volume-nfs', 'cinder-backup']) {
    const { files, volumes } = processOf(both, name);
    expect(files.map(({ path }) => path)).toContain('/etc/gantry/ceph.conf');
    expect(volumes.map(({ volume }) => volume)).toEqual(['cinder-nfs']);
  }
  expect(typesOf(both)).toEqual(['ceph', 'nfs', 'ceph-luks']);
});

test('pools alone leave libvirt and Nova as they are, which volumes change', () => {
  const [plain, pools] = [renderCloud(without('ceph', 'cephfs', 'cinder')), renderCloud(without('cinder'))];
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
  const noObjects = renderCloud(without('registry', 'rgw', 'swift'));
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
  expect(typesOf(cloud)).toEqual(['ceph', 'ceph-luks']);
  expect(typesOf(renderCloud(without('barbican')))).toEqual(['ceph']);
});
