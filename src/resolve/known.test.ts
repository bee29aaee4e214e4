import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Known } from '../config/known.ts';
import { projectRoot } from '../root.ts';
import { loadCatalogue } from './catalogue.ts';
import { knownNames } from './known.ts';

let known: Known;

beforeAll(async () => {
  known = knownNames(projectRoot(), await loadCatalogue(projectRoot()));
});

describe('the names that cloud.yaml may use', () => {
  test('are those of the catalogue', () => {
    expect(known.services).toContain('nova');
    expect(known.processes).toContain('nova-compute');
    expect(known.scalable).toContain('nova-api');
    expect(known.scalable).not.toContain('nova-compute');
    expect(known.withWorkers).toContain('nova-conductor');
    expect(known.withWorkers).not.toContain('nova-novncproxy');
    expect(Object.keys(known.endpoints ?? {}).sort()).toEqual([
      'aodh',
      'barbican',
      'cinder',
      'container-registry',
      'dashboard',
      'glance',
      'gnocchi',
      'heat',
      'heat-cfn',
      'ironic',
      'keystone',
      'monitoring',
      'neutron',
      'nova',
      'novnc',
      'placement',
      'rgw',
      'swift',
    ]);
    expect(known.endpoints?.novnc).toEqual({ port: 6080, protocols: ['tcp'], service: 'nova' });
    expect(known.optionalProcesses).toEqual(['nova-novncproxy']);
    expect(known.processesOf?.keystone).toEqual(['keystone-api', 'keystone-rotate']);
  });

  test('of options are those that the services declare', () => {
    expect(known.configFiles['nova.conf']?.api?.max_limit).toEqual({ type: 'integer', min: 0 });
    expect(known.configFiles['nova.conf']?.DEFAULT?.osapi_max_limit?.deprecatedFor).toBe('[api] max_limit');
    expect(known.configFiles['neutron.conf']?.ml2?.mechanism_drivers?.type).toBe('list');
    expect(known.configFiles['nova.conf']?.keystone_authtoken?.password).toBeDefined();
  });

  test('of options are those of the release, where its data is', () => {
    const root = mkdtempSync(join(tmpdir(), 'gantry-known-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const folder = join(root, 'catalogue', 'example');
    mkdirSync(folder, { recursive: true });
    const data = { 'example.conf': { DEFAULT: { later: { type: 'string' } } } };
    writeFileSync(join(folder, 'options.made-up.json'), JSON.stringify(data));
    const services = [{ ...example, configFiles: { 'example.conf': {} } }];
    expect(knownNames(root, services, 'made-up').configFiles).toEqual(data);
    expect(knownNames(root, services, 'another').configFiles['example.conf']).toBeUndefined();
    expect(knownNames(root, services, 'another').optionData).toEqual({
      'example.conf': 'catalogue/example/options.another.json',
    });
  });

  test('of files without data allow anything', () => {
    const unknown = knownNames('/nonexistent', [{ ...example, configFiles: { 'example.conf': {} } }]);
    expect(Object.keys(unknown.configFiles)).toEqual(['example.conf']);
    expect(unknown.configFiles['example.conf']).toBeUndefined();
  });
});

const example = {
  name: 'example',
  summary: 'A service',
  byDefault: true,
  required: false,
  processNames: {},
  declare: () => ({}),
  render: () => ({ processes: [], jobs: [], tasks: [] }),
};
