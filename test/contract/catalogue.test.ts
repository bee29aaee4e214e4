import { beforeAll, describe, expect, test } from 'vitest';
import { cloudSchema } from '../../src/config/schema.ts';
import type { ServiceDefinition } from '../../src/model/service.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { enabledServices } from '../../src/resolve/enabled.ts';
import { projectRoot } from '../../src/root.ts';
import { rules } from './catalogue.ts';
import { type RenderedCloud, renderCloud } from './cloud.ts';
import { allowedPrivileges, privilegesAlone } from './privileges.ts';
import {
  findDependentFrontends,
  findRandomness,
  findUnreadConfigFiles,
  findWrongCounts,
  replacedBy,
} from './rules/effects.ts';
import { refuses } from './rules/offers.ts';
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

describe('the catalogue with images and disks in pools', () => {
  const settings = { images: { stores: ['files', 'ceph'] }, compute: { disks: 'ceph' } };
  let pooled: RenderedCloud;
  beforeAll(() => {
    pooled = renderCloud(services, { settings });
  });

  test.each(Object.entries(rules))('%s', (_name, rule) => expect(rule(pooled)).toEqual([]));

  test('takes replicas and workers from cloud.yaml', () =>
    expect(findWrongCounts(services, settings)).toEqual([]));
});

describe('the catalogue with what may be in the place of others', () => {
  let others: ServiceDefinition[];
  let other: RenderedCloud;
  beforeAll(() => {
    const on = services.filter(({ name }) => services.every(({ inPlaceOf }) => inPlaceOf !== name));
    others = on.filter((service) => !refuses(service, on));
    other = renderCloud(others);
  });

  test.each(Object.entries(rules))('%s', (_name, rule) => expect(rule(other)).toEqual([]));

  test('gives nothing that the others do not give', () => {
    const given = (cloud: RenderedCloud) => cloud.services.flatMap(({ gives = {} }) => Object.keys(gives));
    expect(given(cloud)).toEqual(expect.arrayContaining(given(other)));
  });

  test('takes replicas and workers from cloud.yaml', () => expect(findWrongCounts(others)).toEqual([]));
});

describe('Ironic alone, with machines', () => {
  const settings = { baremetal: { standalone: true, virtual: { machines: 2 } } };
  let alone: RenderedCloud;
  beforeAll(() => {
    const config = cloudSchema(services).parse(settings);
    alone = renderCloud(enabledServices(services, config), { settings, schemaOf: services });
  });

  test.each(Object.entries(rules))('%s', (_name, rule) => expect(rule(alone)).toEqual([]));

  test('is one service, which nobody has to record jobs of', () => {
    expect(alone.services.map(({ name }) => name)).toEqual(['ironic']);
    expect([alone.desired.jobs, alone.desired.tasks, alone.desired.ledger]).toEqual([[], [], undefined]);
  });

  test('has the privileges of the list', () => {
    expect(findWrongPrivileges(alone, privilegesAlone)).toEqual([]);
  });
});

describe('the catalogue on three nodes', () => {
  let clusters: RenderedCloud;
  beforeAll(() => {
    const names = services.flatMap((service) =>
      Object.entries(service.processNames).flatMap(([name, { cluster }]) => (cluster ? [name] : [])),
    );
    clusters = renderCloud(services, {
      config: { replicas: Object.fromEntries(names.map((name) => [name, 3])) },
      facts: { controlNodes: 3, instanceDomain: '.{process}-peers.test' },
    });
  });

  test.each(Object.entries(rules))('%s', (_name, rule) => expect(rule(clusters)).toEqual([]));

  test('gives clients every instance, and one front end where one instance takes the writes', () => {
    const files = clusters.desired.processes.find(({ name }) => name === 'nova-api')?.files ?? [];
    const config = files.find(({ path }) => path.endsWith('/nova.conf'))?.content ?? '';
    expect(config).toMatch(/transport_url = rabbit:.*@rabbitmq-0\.rabbitmq-peers\.test:5672,.*@rabbitmq-2\./);
    expect(config).toMatch(/memcache_servers = memcached-0\.memcached-peers\.test:11211,.*memcached-2\./);
    expect(config).toContain('@database:3306/nova?');
    expect(config).not.toContain('@mariadb');
  });

  test('lets nothing touch the database before there is a way to its leader', () => {
    const schema = clusters.desired.jobs.find(({ name }) => name === 'nova-schema');
    expect(schema?.after).toEqual(expect.arrayContaining(['process:mariadb', 'process:haproxy']));
  });
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
    const renewed = { chainAndKey: 'another', authority: 'authority\n' };
    expect(replacedBy(services, { facts: { certificate: renewed } })).toEqual([]);
    const ofAnother = { chainAndKey: 'another', authority: 'another' };
    expect(replacedBy(services, { facts: { certificate: ofAnother } })).toEqual([
      'aodh-api',
      'nova-metadata',
    ]);
  });

  test('the external network', () => {
    const settings = { network: { external: { interface: 'eth1' } } };
    expect(replacedBy(services, { settings })).toEqual(['openvswitch']);
  });
});
