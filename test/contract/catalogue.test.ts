import { beforeAll, describe, expect, test } from 'vitest';
import type { ServiceDefinition } from '../../src/model/service.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { rules } from './catalogue.ts';
import { type RenderedCloud, renderCloud } from './cloud.ts';
import { allowedPrivileges } from './privileges.ts';
import {
  findDependentFrontends,
  findRandomness,
  findUnreadConfigFiles,
  findWrongCounts,
  replacedBy,
} from './rules/effects.ts';
import { findWrongPrivileges } from './rules/privileges.ts';

let services: ServiceDefinition[];
let cloud: RenderedCloud;

beforeAll(async () => {
  services = await loadCatalogue(projectRoot());
  cloud = renderCloud(services);
});

describe('the catalogue', () => {
  test.each(Object.entries(rules))('%s', (_name, rule) => expect(rule(cloud)).toEqual([]));

  test('has the privileges of the list', () => {
    expect(findWrongPrivileges(cloud, allowedPrivileges)).toEqual([]);
  });

  test('is rendered the same again', () => expect(findRandomness(services)).toEqual([]));

  test('has front ends whatever the cloud', () =>
    expect(findDependentFrontends(services, cloud)).toEqual([]));

  test('takes replicas and workers from cloud.yaml', () => expect(findWrongCounts(services)).toEqual([]));

  test('takes options from cloud.yaml', () => expect(findUnreadConfigFiles(services)).toEqual([]));
});

describe('a change replaces what reads it, and nothing else', () => {
  test('an option of the API group of nova.conf', () => {
    const config = { 'nova.conf': { api: { max_limit: 500 } } };
    expect(replacedBy(services, { config: { config } })).toEqual(['nova-api', 'nova-metadata']);
  });

  test('an option of the database, which jobs read as well', () => {
    const config = { 'keystone.conf': { database: { max_retries: 3 } } };
    expect(replacedBy(services, { config: { config } })).toEqual([
      'keystone-api',
      'keystone-bootstrap',
      'keystone-rotate',
      'keystone-schema',
    ]);
  });

  test('a certificate', () => {
    const certificate = { chainAndKey: 'another', authority: 'another' };
    expect(replacedBy(services, { facts: { certificate } })).toEqual([]);
  });

  test('the external network', () => {
    const external = { bridge: 'test-ex', physicalNetwork: 'external', interface: 'eth1' };
    expect(replacedBy(services, { facts: { external } })).toEqual(['openvswitch']);
  });
});
