import { beforeAll, describe, expect, test } from 'vitest';
import type { RenderContext } from '../../src/model/context.ts';
import { process } from '../../src/model/make.ts';
import type { Offers } from '../../src/model/offers.ts';
import { defineService, type ServiceDefinition } from '../../src/model/service.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf } from '../../src/model/users.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from './cloud.ts';
import { exampleService } from './example.ts';
import { findMissingOffers, findRepeatedOffers, findUntakenOffers } from './rules/offers.ts';

const metrics: Offers['metrics'] = {
  serviceType: 'metric',
  after: ['process:example-api'],
  reaches: ['example'],
};
const giver = (more: Partial<ServiceDefinition> = {}) =>
  exampleService({
    definition: { gives: { metrics: () => metrics }, ...more },
    process: { aliases: ['example'] },
  });

/** A service with one process, which is rendered with what it takes. */
const taker = (use: (context: RenderContext) => string | undefined, later: 'metrics'[] = []) =>
  defineService({
    name: 'taker',
    summary: 'Takes an offer',
    byDefault: true,
    required: false,
    processNames: { taker: { replicas: false } },
    declare: () => ({}),
    render: (context) => ({
      processes: [
        taking(
          context,
          (own) =>
            process({
              name: 'taker',
              service: 'taker',
              image: 'base',
              command: ['take', use(own) ?? 'nothing'],
              user: userOf('client'),
              health: {
                command: ['true'],
                intervalSeconds: 1,
                timeoutSeconds: 1,
                startSeconds: 1,
                retries: 1,
              },
              after: ['job:example-schema'],
            }),
          later,
        ),
      ],
      jobs: [],
      tasks: [],
    }),
  });

function rendered(...services: ServiceDefinition[]) {
  return renderCloud(services).desired.processes.find(({ name }) => name === 'taker');
}

describe('what a workload takes', () => {
  const asks = taker((context) => context.offered('metrics')?.serviceType);

  test('brings along what it waits for and connects to', () => {
    expect(rendered(giver(), asks)).toMatchObject({
      command: ['take', 'metric'],
      after: ['job:example-schema', 'process:example-api'],
      reaches: ['example'],
    });
  });

  test('is not waited for where it is made use of later only', () => {
    const later = taker((context) => context.offered('metrics')?.serviceType, ['metrics']);
    expect(rendered(giver(), later)).toMatchObject({ after: ['job:example-schema'], reaches: ['example'] });
  });

  test('brings along what it is itself made of', () => {
    const dns: Offers['dns'] = { serviceType: 'dns', url: 'http://dns:1', after: [], reaches: [] };
    const middle = taker(() => undefined);
    const through: ServiceDefinition = {
      ...middle,
      gives: { dns: (context) => ({ ...dns, serviceType: take(context, 'metrics').serviceType }) },
      render: (context) => taker((own) => own.offered('dns')?.serviceType).render(context),
    };
    expect(rendered(giver(), through)).toMatchObject({
      command: ['take', 'metric'],
      after: ['job:example-schema', 'process:example-api'],
      reaches: ['example'],
    });
  });

  test('may be there or not, unless it cannot be done without', () => {
    expect(rendered(exampleService(), asks)).toMatchObject({
      command: ['take', 'nothing'],
      after: ['job:example-schema'],
      reaches: [],
    });
    const needs = taker((context) => take(context, 'metrics').serviceType);
    expect(() => rendered(exampleService(), needs)).toThrow(
      /takes metrics, which no service that is on gives/,
    );
  });
});

describe('broken offers are found', () => {
  const needs = taker((context) => take(context, 'metrics').serviceType);

  test('given twice', () => {
    const services = [giver(), { ...needs, gives: { metrics: () => metrics } }];
    expect(findRepeatedOffers(services)).toEqual(['metrics is given by example and taker']);
  });

  test('taken by nobody', () => {
    expect(findUntakenOffers([giver()])).toEqual(['example gives metrics, which nobody takes']);
    expect(findUntakenOffers([giver({ givesUsers: ['metrics'] })])).toEqual([]);
    expect(findUntakenOffers([giver(), needs])).toEqual([]);
  });

  test('given by nobody', () => {
    const message = 'a service of the catalogue takes metrics, which no service that is on gives';
    expect(findMissingOffers([exampleService(), needs])).toEqual([message]);
  });

  test('given by nobody once a service is off', () => {
    const optional: ServiceDefinition = {
      ...taker(() => undefined),
      name: 'optional',
      processNames: {},
      gives: { metrics: () => ({ ...metrics, after: [], reaches: [] }) },
      render: () => ({ processes: [], jobs: [], tasks: [] }),
    };
    const services = [exampleService(), { ...needs, required: true }, optional];
    expect(findMissingOffers(services)).toEqual([
      'without optional: a service of the catalogue takes metrics, which no service that is on gives',
    ]);
  });
});

describe('the catalogue', () => {
  let services: ServiceDefinition[];
  beforeAll(async () => {
    services = await loadCatalogue(projectRoot());
  });

  test('has each offer once', () => expect(findRepeatedOffers(services)).toEqual([]));
  test('takes what it gives', () => expect(findUntakenOffers(services)).toEqual([]));
  test('gives what it takes', () => expect(findMissingOffers(services)).toEqual([]));

  test('lets Nova and Glance use a key manager where there is one, inside the cloud and once they are asked', () => {
    const before = renderCloud(services.filter(({ gives }) => !gives?.keyManager));
    const after = renderCloud(services);
    const process = (cloud: typeof after, wanted: string) =>
      cloud.desired.processes.find(({ name }) => name === wanted);
    const file = (cloud: typeof after, name: string) => process(cloud, name)?.files[0]?.content ?? '';
    expect(file(before, 'nova-conductor')).toContain('backend = nova.keymgr.conf_key_mgr.ConfKeyManager');
    expect(file(before, 'glance-api')).not.toContain('[key_manager]');
    for (const name of ['nova-api', 'nova-conductor', 'nova-compute', 'glance-api']) {
      expect(file(after, name), name).toContain('[key_manager]\nbackend = barbican\n');
      expect(file(after, name), name).toContain('\nbarbican_endpoint = http://barbican:9311\n');
      expect(process(after, name)?.reaches, name).toContain('barbican');
      expect(process(after, name)?.after, name).not.toContain('process:barbican-api');
    }
  });
});
