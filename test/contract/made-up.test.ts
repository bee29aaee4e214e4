import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderContainer } from '../../engines/docker/render.ts';
import { renderBundles } from '../../engines/kubernetes/render/bundles.ts';
import { cluster } from '../../engines/kubernetes/render/testing/cluster.ts';
import type { ServiceDefinition } from '../../src/model/service.ts';
import type { Process } from '../../src/model/workload.ts';
import { orderDependents } from '../../src/plan/dependencies.ts';
import { identityOf } from '../../src/plan/identity.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { rules } from './catalogue.ts';
import { type RenderedCloud, renderCloud, replacedBetween } from './cloud.ts';
import observatory from './made-up/observatory/service.ts';
import { findUnreadConfigFiles, findWrongCounts } from './rules/effects.ts';
import { findMissingOffers, findRepeatedOffers, findUntakenOffers } from './rules/offers.ts';

const telescopes = [{ path: '/dev/disk/by-id/wwn-1' }, { path: '/dev/disk/by-id/wwn-2' }];

let services: ServiceDefinition[];
let without: RenderedCloud;
let cloud: RenderedCloud;

beforeAll(async () => {
  const catalogue = await loadCatalogue(projectRoot());
  services = [...catalogue, observatory];
  without = renderCloud(catalogue);
  cloud = renderCloud(services, { settings: { observatory: { telescopes } } });
});

const processOf = (name: string) => {
  const found = cloud.desired.processes.find((one) => one.name === name);
  if (!found) throw new Error(`there is no process ${name}`);
  return found;
};

/** The process of each telescope. */
const telescopesOf = ({ desired }: RenderedCloud) =>
  desired.processes.filter(({ instanceOf }) => instanceOf === 'observatory-telescope');

describe('a service that is one folder', () => {
  test.each(Object.entries(rules))('%s', (_name, rule) => expect(rule(cloud)).toEqual([]));

  test('has an instance for each of its devices, and none without', () => {
    expect(telescopesOf(cloud)).toHaveLength(2);
    const one = renderCloud(services, { settings: { observatory: { telescopes: telescopes.slice(1) } } });
    expect(telescopesOf(one)).toEqual(telescopesOf(cloud).slice(1));
    expect(telescopesOf(renderCloud(services))).toEqual([]);
  });

  test('takes replicas, workers and options from cloud.yaml', () => {
    expect(findWrongCounts([...services].filter(({ required }) => required).concat(observatory))).toEqual([]);
    expect(findUnreadConfigFiles(services)).toEqual([]);
  });

  test('gives and takes as every other', () => {
    expect(findRepeatedOffers(services)).toEqual([]);
    expect(findUntakenOffers(services)).toEqual([]);
    expect(findMissingOffers(services)).toEqual([]);
  });

  test('replaces only what is made from what all services declare', () => {
    const own = [...cloud.desired.processes, ...cloud.desired.jobs]
      .filter((one) => one.service === 'observatory')
      .map(({ name }) => name);
    expect(replacedBetween(without, cloud).filter((name) => !own.includes(name))).toEqual(['haproxy']);
  });

  test('has settings of its own, which reach what reads them', () => {
    const elsewhere = renderCloud(services, { settings: { observatory: { site: 'Paranal', telescopes } } });
    expect(replacedBetween(cloud, elsewhere)).toEqual(telescopesOf(cloud).map(({ name }) => name));
    expect(() => renderCloud(services, { settings: { observatory: { sight: 'Paranal' } } })).toThrow(/sight/);
  });

  test('waits for and connects to what it takes', () => {
    const api = processOf('observatory-api');
    expect(api.after).toEqual([
      'job:observatory-schema',
      'process:rabbitmq',
      'process:mariadb',
      'process:memcached',
    ]);
    expect(api.reaches).toEqual(['rabbitmq', 'barbican', 'keystone', 'mariadb', 'memcached']);
    for (const { after } of telescopesOf(cloud)) {
      expect(after).toEqual(['process:haproxy', 'task:keystone-registrations']);
    }
  });

  test('changes its schema in phases, the last one without any older process of its own', () => {
    const jobs = cloud.desired.jobs.filter(({ service }) => service === 'observatory');
    expect(jobs.map(({ name, phase, command }) => [name, phase, command.at(-1)])).toEqual([
      ['observatory-schema', 'expand', 'expand'],
      ['observatory-schema-migrate', 'migrate', 'migrate'],
      ['observatory-schema-contract', 'contract', 'contract'],
    ]);
    const contract = orderDependents(cloud.desired).find(
      ({ id }) => id === 'job:observatory-schema-contract',
    );
    expect(contract?.after).toEqual(
      expect.arrayContaining([
        'process:mariadb',
        'job:observatory-schema-migrate',
        'retired:observatory-api',
        'retired:observatory-ephemeris',
      ]),
    );
  });

  test('makes its tables in the first phase, and clears them away in none of the others', () => {
    const jobs = cloud.desired.jobs.filter(({ service }) => service === 'observatory');
    expect(jobs.map(({ schema }) => schema?.databases)).toEqual([['observatory'], undefined, undefined]);
    const clears = jobs.map(({ command }) => command.some((word) => word.endsWith('update-schema')));
    expect(clears).toEqual([true, false, false]);
  });

  test('is in the front door, in Keystone and in the database', () => {
    const config = processOf('haproxy').files.find(({ path }) => path.endsWith('haproxy.cfg'))?.content;
    expect(config).toContain('server-template observatory-api- 1-16 observatory-api:9700 check');
    expect(processOf('haproxy').ports).toContainEqual({ name: 'sky', port: 19_701, publicPort: 80 });
    expect(cloud.declared.endpoints.map(({ type }) => type)).toContain('astronomy');
    const registered = cloud.desired.tasks.find(({ name }) => name === 'keystone-registrations')?.action;
    expect(registered?.accounts.find(({ user }) => user === 'observers')?.domain).toBe('observatory');
    expect(processOf('mariadb').files.find(({ path }) => path.endsWith('init.sql'))?.content).toContain(
      'CREATE DATABASE IF NOT EXISTS `observatory`',
    );
  });
});

describe('nothing outside its folder', () => {
  test('knows of it', () => {
    const files = ['src', 'engines', 'catalogue'].flatMap((folder) =>
      readdirSync(join(projectRoot(), folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|yaml|json)$/.test(name))
        .map((name) => join(folder, name)),
    );
    expect(files.length).toBeGreaterThan(300);
    expect(
      files.filter((name) => readFileSync(join(projectRoot(), name), 'utf8').includes('observatory')),
    ).toEqual([]);
  });

  test('tells of it otherwise than it is', () => {
    const text = (path: string) => readFileSync(join(projectRoot(), path), 'utf8');
    const plain = (code: string) => code.replaceAll(/^ *\/\/.*$/gm, '').replaceAll(/[\s,]/g, '');
    const service = plain(text('test/contract/made-up/observatory/service.ts'));
    const blocks = [...text('docs/adding-a-service.md').matchAll(/^```ts\n(.*?)^```/gms)];
    const parts = blocks.flatMap(([, code = '']) => code.split(/\n\n|\.\.\. /)).map(plain);
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.filter((part) => !service.includes(part))).toEqual([]);
  });
});

describe('both engines make it', () => {
  test('Docker publishes its UDP port and gives each telescope its device', () => {
    const { desired } = cloud;
    const container = (workload: Process) =>
      renderContainer({
        desired,
        workload,
        ordinal: 0,
        identity: identityOf(workload, 'image'),
        imageReference: 'image',
        addresses: {},
        node: { devices: new Set(['/dev/fuse']), apiVersion: '1.41' },
      });
    const ephemeris = container(processOf('observatory-ephemeris'));
    expect(ephemeris.HostConfig.PortBindings).toHaveProperty('9702/udp');
    const devices = telescopesOf(cloud).map((one) => container(one).HostConfig.Devices);
    expect(devices).toMatchObject(
      telescopes.map(({ path }) => [
        { PathOnHost: '/dev/fuse' },
        { PathOnHost: path, PathInContainer: '/dev/telescope' },
      ]),
    );
  });

  test('Kubernetes gives it a service for UDP, and each telescope a controller on its node', () => {
    const facts = {
      domain: '.test.svc.cluster.local',
      instanceDomain: '.{process}-peers.test.svc.cluster.local',
    };
    const settings = { observatory: { telescopes: telescopes.map((one) => ({ ...one, node: 'dome-1' })) } };
    const rendered = renderCloud(services, { facts, settings });
    const bundles = renderBundles(rendered.desired, cluster);
    const objects = (name: string) => bundles.find((one) => one.name === name)?.objects ?? [];
    expect(JSON.stringify(objects('observatory-ephemeris'))).toContain('"protocol":"UDP"');
    expect(telescopesOf(rendered)).toHaveLength(2);
    for (const { name } of telescopesOf(rendered)) {
      const controller = objects(name).find(({ ref }) => ref.kind === 'Deployment');
      expect(controller?.ref.name).toBe(name);
      expect(JSON.stringify(controller?.manifest)).toContain(
        '{"key":"kubernetes.io/hostname","operator":"In","values":["dome-1"]}',
      );
    }
  });
});
