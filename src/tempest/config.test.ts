import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findWrongOptions } from '../../test/contract/rules/options.ts';
import { releases } from '../model/releases.ts';
import { projectRoot } from '../root.ts';
import { renderTempestConf, type TempestFacts, tempestSections } from './config.ts';
import { testJob } from './workload.ts';

const facts: TempestFacts = {
  authUrl: 'https://192.0.2.1:5000/v3',
  region: 'RegionOne',
  ownAuthority: true,
  services: ['identity', 'compute', 'image', 'network', 'placement'],
  networkExtensions: ['port-security', 'router'],
  externalNetwork: { id: 'external-id', name: 'external' },
  images: ['image-1', 'image-2'],
  flavors: ['flavor-1', 'flavor-2'],
  sshUser: 'gantry',
  computeNodes: 1,
  hypervisorType: 'QEMU',
  microversions: { compute: '2.100', placement: '1.39' },
};

describe.each(releases)('tempest.conf in $name', ({ name: release }) => {
  it('has only options that exist, under their present names, with values that they take', () => {
    const path = join(projectRoot(), `catalogue/tempest/options.${release}.json`);
    const options = JSON.parse(readFileSync(path, 'utf8'))['tempest.conf'];
    // Neutron's plugin registers these as it is imported, out of sight of the generator of option data.
    const known = { ...options, neutron_plugin_options: { '*': { type: 'string' } } };
    expect(findWrongOptions(renderTempestConf(facts), known)).toEqual([]);
  });
});

describe('tempest.conf', () => {
  it('says of a cloud what is true of it', () => {
    const one = tempestSections(facts);
    expect(one.service_available).toMatchObject({ nova: true, neutron: true, cinder: false, swift: false });
    expect(one['network-feature-enabled']?.api_extensions).toBe('port-security,router');
    expect(one['compute-feature-enabled']).toMatchObject({ live_migration: false, cold_migration: false });
    const more = tempestSections({
      ...facts,
      computeNodes: 2,
      services: [...facts.services, 'block-storage'],
    });
    expect(more.service_available?.cinder).toBe(true);
    expect(more['compute-feature-enabled']).toMatchObject({ live_migration: true, cold_migration: true });
  });

  it('trusts the own authority only where the cloud has one', () => {
    expect(renderTempestConf(facts)).toContain('ca_certificates_file = /etc/gantry/authority.pem');
    expect(renderTempestConf({ ...facts, ownAuthority: false })).not.toContain('ca_certificates_file');
  });

  it('holds the password only with credentials, in a form that oslo.config reads back', () => {
    const credentials = { user: 'admin', password: 'a$b', project: 'admin' };
    expect(renderTempestConf(facts)).not.toContain('password');
    expect(renderTempestConf(facts, credentials)).toContain('admin_password = a$$b\n');
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
