import { describe, expect, test } from 'vitest';
import type { Process } from '../../src/model/workload.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { fakeSecret, renderCloud } from '../../test/contract/cloud.ts';
import { checkSettings, settings as ofNova } from './settings.ts';

const services = await loadCatalogue(projectRoot());
const cloudWith = (settings: Record<string, unknown>, without: string[] = []) =>
  renderCloud(
    services.filter(({ name }) => !without.includes(name)),
    { settings },
  );
const pooled = cloudWith({ images: { stores: ['ceph'] }, compute: { disks: 'ceph' } });

function processOf(name: string, { desired } = pooled): Process {
  const found = desired.processes.find((one) => one.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}
const sectionsOf = (name: string, file: string, cloud = pooled) =>
  processOf(name, cloud).files.find(({ path }) => path.endsWith(`/${file}`))?.sections;

test('disks in Ceph need the service, and are refused without it at their place', () => {
  const findings = (disks?: string, isGiven = false) =>
    checkSettings({ compute: ofNova.compute.parse({ disks }) }, { isGiven: () => isGiven });
  expect(findings()).toEqual([]);
  expect(findings('ceph', true)).toEqual([]);
  expect(findings('ceph')).toMatchObject([
    { path: ['compute', 'disks'], message: 'is ceph, and the service ceph is off' },
  ]);
});

describe('servers’ disks in a pool', () => {
  test('are asked for by Nova and opened by libvirt as the client that has that pool', () => {
    const uuid = fakeSecret('ceph-servers-uuid');
    expect(processOf('nova-compute').image).toBe('nova-compute-rbd');
    expect(sectionsOf('nova-compute', 'nova.conf')?.libvirt).toMatchObject({
      images_type: { value: 'rbd' },
      images_rbd_pool: { value: 'servers' },
      rbd_user: { value: 'servers' },
      rbd_secret_uuid: { value: uuid },
    });
    const secrets = processOf('libvirt').files.filter(({ path }) => path.includes('-secret.'));
    expect(secrets.map(({ path }) => path)).toEqual([
      '/etc/gantry/ceph-openstack-secret.xml',
      '/etc/gantry/ceph-openstack-secret.base64',
      '/etc/gantry/ceph-servers-secret.xml',
      '/etc/gantry/ceph-servers-secret.base64',
    ]);
    expect(secrets[2]?.content).toContain(`<uuid>${uuid}</uuid>`);
  });

  test('do without Cinder', () => {
    const alone = cloudWith({ compute: { disks: 'ceph' } }, ['cinder']);
    expect(processOf('libvirt', alone).image).toBe('libvirt-rbd');
    expect(sectionsOf('nova-compute', 'nova.conf', alone)?.glance).not.toHaveProperty('endpoint_override');
  });

  test('come of images whose place Nova’s agent alone is told', () => {
    const url = 'http://glance-internal:9293';
    expect(sectionsOf('nova-compute', 'nova.conf')?.glance?.endpoint_override?.value).toBe(url);
    expect(sectionsOf('nova-api', 'nova.conf')?.glance).not.toHaveProperty('endpoint_override');
  });

  test('are looked for elsewhere only once no server has any there', () => {
    expect(processOf('nova-compute').after).toContain('job:nova-disks');
  });
});
