import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findWrongOptions } from '../../test/contract/rules/options.ts';
import { mergeSections, type OsloSections } from '../model/oslo.ts';
import { releases } from '../model/releases.ts';
import { listCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import { renderTempestConf, tempestSections } from './config.ts';
import { loadTempestParts } from './load.ts';
import { readTestable } from './testable.ts';
import { testJob } from './workload.ts';

/** What the services of a cloud have seen of it. */
const seen = {
  cinder: {
    microversion: '3.71',
    backup: true,
    encryption: true,
    backends: ['ceph'],
    sharedType: 'gtest-shared',
  },
  glance: { images: ['image-1', 'image-2'], sshUser: 'gantry' },
  heat: {
    authUrl: 'https://192.0.2.1:5000/v3',
    ownAuthority: true,
    region: 'RegionOne',
    password: 'hidden',
  },
  keystone: { authUrl: 'https://192.0.2.1:5000/v3', ownAuthority: true, region: 'RegionOne' },
  neutron: {
    externalNetwork: { id: 'external-id', name: 'external' },
    extensions: ['port-security', 'router'],
    driver: 'ovn',
  },
  nova: {
    flavors: ['flavor-1', 'flavor-2'],
    computeNodes: 1,
    hypervisorType: 'QEMU',
    microversion: '2.100',
  },
  placement: { microversion: '1.39' },
  swift: {},
  telemetry: {},
};

const optionsOf = (release: string) => join(projectRoot(), `catalogue/tempest/options.${release}.json`);

/** What a service says, with some of what it has seen changed. */
async function sectionsOf(name: keyof typeof seen, changed: object = {}): Promise<OsloSections> {
  const [part] = await loadTempestParts(projectRoot(), [{ name }]);
  return part?.sections({ ...seen[name], ...changed }) ?? {};
}

const names = Object.keys(seen) as (keyof typeof seen)[];
const sections = tempestSections(
  await readTestable(optionsOf(releases[0].name)),
  await Promise.all(names.map((name) => sectionsOf(name))),
);

describe.each(releases)('tempest.conf in $name', ({ name: release }) => {
  it('has only options that exist, under their present names, with values that they take', () => {
    const options = JSON.parse(readFileSync(optionsOf(release), 'utf8'))['tempest.conf'];
    // Neutron's plugin registers these as it is imported, out of sight of the generator of option data.
    const known = { ...options, neutron_plugin_options: { '*': { type: 'string' } } };
    expect(findWrongOptions(renderTempestConf(sections), known)).toEqual([]);
  });
});

describe('tempest.conf', () => {
  it('is made of what all services of the catalogue say that Tempest is to know of', async () => {
    expect(await loadTempestParts(projectRoot(), listCatalogue(projectRoot()))).toHaveLength(names.length);
    await expect(renderTempestConf(sections)).toMatchFileSnapshot('tempest.expected.conf');
  });

  it('says what is not there of what Tempest has tests for', async () => {
    expect(sections.service_available).toMatchObject({
      nova: true,
      neutron: true,
      cinder: true,
      swift: true,
    });
    const without = tempestSections(['nova', 'glance'], [await sectionsOf('glance')]);
    expect(without.service_available).toEqual({ nova: false, glance: true });
  });

  it('says that servers move where there are several nodes', async () => {
    const group = 'compute-feature-enabled';
    expect(sections[group]).toMatchObject({ live_migration: false, cold_migration: false });
    expect((await sectionsOf('nova', { computeNodes: 2 }))[group]).toMatchObject({
      live_migration: true,
      cold_migration: true,
    });
  });

  it('trusts the own authority only where the cloud has one', async () => {
    expect(renderTempestConf(sections)).toContain('ca_certificates_file = /etc/gantry/authority.pem');
    const given = mergeSections(sections, await sectionsOf('keystone', { ownAuthority: false }));
    expect(renderTempestConf(given)).not.toContain('ca_certificates_file');
  });

  it('holds the password only with credentials, in a form that oslo.config reads back', () => {
    const credentials = { user: 'admin', password: 'a$b', project: 'admin' };
    expect(renderTempestConf(sections)).not.toContain('password');
    const secrets = [{ heat_plugin: { password: 'hidden' } }];
    const complete = renderTempestConf(sections, credentials, secrets);
    expect(complete).toContain('admin_password = a$$b\n');
    expect(complete).toMatch(/^\[heat_plugin\]\n(.+\n)*password = hidden\n/m);
  });
});

describe('the container of a run', () => {
  const job = testJob({
    tests: ['a.B.test_c[id-1]'],
    config: 'admin_password = hidden\n',
    authority: 'PEM',
    workers: 2,
    timeoutSeconds: 60,
  });

  it('is on the network of its node with the right to ping, and is no root', () => {
    expect(job.needs).toEqual({ hostNetwork: true, setuid: true, capabilities: ['NET_RAW'] });
    expect(job.user).toBe('920:920');
    expect(job.readOnlyRoot).toBe(true);
  });

  it('has its secrets in files that only it reads', () => {
    expect(job.files.map(({ path, mode, gid, secret }) => [path, mode, gid, secret])).toEqual([
      ['/etc/gantry/tempest.conf', 0o440, 920, true],
      ['/etc/gantry/tests', 0o440, 920, true],
      ['/etc/gantry/authority.pem', 0o440, 920, true],
    ]);
    expect(job.command.join(' ')).not.toContain('hidden');
  });
});
