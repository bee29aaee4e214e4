import { describe, expect, test } from 'vitest';
import { type Drivers, drivers } from '../../catalogue/neutron/drivers.ts';
import { neutronWith } from '../../catalogue/neutron/service.ts';
import openvswitch from '../../catalogue/openvswitch/service.ts';
import { renderContainer } from '../../engines/docker/render.ts';
import { renderBundles } from '../../engines/kubernetes/render/bundles.ts';
import { renderJobObjects } from '../../engines/kubernetes/render/job.ts';
import { type AnyManifest, cluster } from '../../engines/kubernetes/render/testing/cluster.ts';
import { cloudSchema } from '../../src/config/schema.ts';
import type { ServiceDefinition } from '../../src/model/service.ts';
import type { Process } from '../../src/model/workload.ts';
import { wantedIdentity } from '../../src/plan/identity.ts';
import { loadCatalogue, withNodeProcesses } from '../../src/resolve/catalogue.ts';
import { enabledServices, networkDriverOf } from '../../src/resolve/enabled.ts';
import { knownNames } from '../../src/resolve/known.ts';
import { projectRoot } from '../../src/root.ts';
import { rules } from './catalogue.ts';
import { type CloudInput, type RenderedCloud, renderCloud, workloadsOf } from './cloud.ts';
import { pigeonPrivileges, pigeons } from './made-up/pigeons.ts';
import { allowedPrivileges } from './privileges.ts';
import { findUnreadConfigFiles, findWrongCounts } from './rules/effects.ts';
import { findWrongPrivileges } from './rules/privileges.ts';

const catalogue = await loadCatalogue(projectRoot());
const known = [...drivers, pigeons] as const;
/** The catalogue, to which a driver has come that exists nowhere. */
const services = servicesWith(...known);
const schema = cloudSchema(services);

const settingsOf = (driver: string) => ({ network: { driver } });
const configWith = (driver: string) => schema.parse(settingsOf(driver));

/** The catalogue as it is where there are these drivers. */
function servicesWith(...those: Drivers): ServiceDefinition[] {
  const made = { neutron: neutronWith(those), openvswitch } as Record<string, ServiceDefinition>;
  return withNodeProcesses(catalogue.map((service) => made[service.name] ?? service));
}

/** With every service but those of other drivers. */
function cloudWith(driver: string, facts: NonNullable<CloudInput['facts']> = {}): RenderedCloud {
  const own = services.filter(({ ofNetworkDriver = driver }) => ofNetworkDriver === driver);
  return renderCloud(own, { settings: settingsOf(driver), facts });
}

const onCluster = {
  domain: '.test.svc.cluster.local',
  instanceDomain: '.{process}-peers.test.svc.cluster.local',
};

function processOf({ desired }: RenderedCloud, name: string): Process {
  const found = desired.processes.find((one) => one.name === name);
  if (!found) throw new Error(`there is no process ${name}`);
  return found;
}

test('cloud.yaml names one of the drivers that there are, or has the first', () => {
  expect(networkDriverOf(services, schema.parse({}))).toBe(drivers[0]);
  expect(known.map(({ name }) => networkDriverOf(services, configWith(name)))).toEqual(known);
  expect(() => configWith('bees')).toThrow(/pigeons/);
});

describe.each(known)('the driver $name', ({ name, traces, nodeProcessNames }) => {
  const cloud = cloudWith(name);

  test.each(Object.entries(rules))('%s', (_name, rule) => expect(rule(cloud)).toEqual([]));

  test.each(Object.entries(rules))('on a cluster: %s', (_name, rule) =>
    expect(rule(cloudWith(name, onCluster))).toEqual([]),
  );

  test('has the privileges of the list', () => {
    expect(findWrongPrivileges(cloud, { ...allowedPrivileges, ...pigeonPrivileges })).toEqual([]);
  });

  test('sends people to logs and leaves traces of processes that are there', () => {
    const named = [traces.lease, traces.floatingIp, traces.namespace].map(({ process }) => process);
    const processes = cloud.desired.processes.map((process) => process.name);
    expect(processes).toEqual(expect.arrayContaining([...named, ...Object.values(traces.logs).flat()]));
  });

  test('has what runs beside the switch in the names that cloud.yaml may use', () => {
    const { processesOf } = knownNames(projectRoot(), services);
    expect(processesOf?.openvswitch).toEqual(expect.arrayContaining([...nodeProcessNames]));
  });
});

test('a service that is part of a driver is on with that driver only', () => {
  const namesWith = (driver: string) => enabledServices(services, configWith(driver)).map(({ name }) => name);
  expect(namesWith('ovn').filter((name) => !namesWith('pigeons').includes(name))).toEqual(['ovn']);
});

describe('a driver that is one file', () => {
  const cloud = cloudWith('pigeons');

  test('changes nothing of a cloud with another', () => {
    expect(cloudWith('ovn').desired).toEqual(renderCloud(catalogue).desired);
  });

  test('has its processes, and what they read, in place of the other', () => {
    const [own, others] = [cloud, cloudWith('ovn')].map(({ desired }) =>
      desired.processes.map(({ name }) => name),
    );
    expect(own?.filter((name) => !others?.includes(name))).toEqual([
      'neutron-pigeon-keeper',
      'neutron-pigeon-agent',
      'pigeon-loft',
    ]);
    expect(processOf(cloud, 'nova-compute').after).toContain('process:pigeon-loft');
  });

  test('says what the switch of each node starts with', () => {
    const { files, reaches } = processOf(cloud, 'openvswitch');
    const lines = files.find(({ path }) => path.endsWith('/node.env'))?.content.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'flight_height=30',
        'start_program=/usr/local/bin/feed-pigeons',
        'tunnel_protocols=vxlan',
      ]),
    );
    expect(reaches).toEqual([]);
  });

  test('is all that cloud.yaml may speak of where there is no other', () => {
    const alone = servicesWith(pigeons).filter(({ ofNetworkDriver }) => ofNetworkDriver === undefined);
    const { processes, configFiles, volumes } = knownNames(projectRoot(), alone);
    expect(processes).toContain('pigeon-loft');
    expect(wordsOfOvn([['names', [...processes, ...Object.keys(configFiles), volumes].join()]])).toEqual([]);
  });

  test('takes replicas, workers and options from cloud.yaml', () => {
    const needed = servicesWith(pigeons).filter(
      ({ required, ofNetworkDriver }) => required && ofNetworkDriver === undefined,
    );
    expect(findWrongCounts(needed)).toEqual([]);
    expect(findUnreadConfigFiles(needed)).toEqual([]);
  });

  test('has no list of gateways where it chooses them by itself', () => {
    const { files, reload } = processOf(cloudWith('pigeons', onCluster), 'openvswitch');
    expect(files.map(({ path }) => path)).toEqual(['/etc/gantry/node.env']);
    expect(reload).toBeUndefined();
  });

  test('asks for host names of their own for instances of the API only where it needs them', () => {
    expect(processOf(cloudWith('ovn'), 'neutron-api').needs.uniqueHostname).toBe(true);
    expect(processOf(cloud, 'neutron-api').needs.uniqueHostname).toBeUndefined();
  });

  test('finds no word of the other in what engines make of it', () => {
    expect(wordsOfOvn(onDocker(cloud))).toEqual([]);
    expect(wordsOfOvn(onKubernetes(cloudWith('pigeons', onCluster)))).toEqual([]);
    expect(cloud.desired.images.map(({ name }) => name)).not.toContain('ovn');
  });

  test('would find them', () => {
    for (const made of [onDocker(cloudWith('ovn')), onKubernetes(cloudWith('ovn', onCluster))]) {
      expect(wordsOfOvn(made)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^neutron-api: /),
          expect.stringMatching(/^openvswitch: /),
          expect.stringMatching(/^ovn-controller: /),
        ]),
      );
    }
  });
});

/** Names of things with all that an engine makes of them, as text. */
type Made = [name: string, text: string][];

/** `novnc` is no word of it. */
const words = /(?<![a-z])ovn[\w-]*|geneve|northbound|southbound|chassis/gi;

function wordsOfOvn(made: Made): string[] {
  return made.flatMap(([name, text]) => [
    ...new Set([...text.matchAll(words)].map(([word]) => `${name}: ${word}`)),
  ]);
}

function onDocker({ desired, ...cloud }: RenderedCloud): Made {
  const addresses = Object.fromEntries(desired.processes.map(({ name }) => [name, '192.0.2.9']));
  const node = { devices: new Set<string>(), apiVersion: '1.41' };
  return workloadsOf({ ...cloud, desired }).map((workload) => {
    const identity = wantedIdentity(workload, desired);
    const imageReference = workload.image;
    const container = renderContainer({
      desired,
      workload,
      ordinal: 0,
      identity,
      imageReference,
      addresses,
      node,
    });
    return [workload.name, JSON.stringify({ container, files: workload.files })];
  });
}

function onKubernetes({ desired }: RenderedCloud): Made {
  const bundles = renderBundles(desired, cluster).map(({ name, objects }) => ({ name, objects }));
  const jobs = desired.jobs.map((job) => ({
    name: job.name,
    objects: renderJobObjects(job, wantedIdentity(job, desired), desired, cluster),
  }));
  return [...bundles, ...jobs].map(({ name, objects }) => [
    name,
    JSON.stringify(objects.map(({ manifest }) => readable(manifest))),
  ]);
}

/** Contents of files are encoded in manifests. */
function readable(manifest: AnyManifest): AnyManifest {
  if (manifest.kind !== 'Secret') return manifest;
  const data = Object.values(manifest.data as Record<string, string>);
  return { ...manifest, data: data.map((content) => Buffer.from(content, 'base64').toString()) };
}
