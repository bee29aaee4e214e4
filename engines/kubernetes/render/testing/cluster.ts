import type { Desired } from '../../../../src/model/desired.ts';
import { process } from '../../../../src/model/make.ts';
import type { Process } from '../../../../src/model/workload.ts';
import { loadCatalogue } from '../../../../src/resolve/catalogue.ts';
import { projectRoot } from '../../../../src/root.ts';
import { type CloudInput, renderCloud } from '../../../../test/contract/cloud.ts';
import type { DesiredBundle, DesiredObject } from '../../plan/bundle.ts';
import { renderBundles } from '../bundles.ts';
import type { ClusterFacts } from '../cluster.ts';

/** A cluster with one of everything. */
export const cluster: ClusterFacts = {
  namespace: 'test',
  imagePrefix: 'registry.example.org/cloud/',
  controlNodes: ['node-1', 'node-2', 'node-3'],
  frontDoor: { kind: 'nodes', addresses: ['192.0.2.1'] },
  storageClass: 'local',
  sharedStorageClass: undefined,
  volumeSizes: {},
  imagePullSecrets: [],
  groupVersions: new Set(['v1', 'apps/v1', 'batch/v1', 'networking.k8s.io/v1', 'policy/v1']),
  minorVersion: 33,
  nameTtlSeconds: 5,
};

/**
 * The whole catalogue, as a cluster would have it.
 * @param without names of services that are off
 */
export async function renderDesiredCloud(
  input: CloudInput = {},
  without: readonly string[] = [],
): Promise<Desired> {
  const facts = {
    domain: '.test.svc.cluster.local',
    instanceDomain: '.{process}-peers.test.svc.cluster.local',
    ...input.facts,
  };
  const services = (await loadCatalogue(projectRoot())).filter(({ name }) => !without.includes(name));
  return renderCloud(services, { ...input, facts }).desired;
}

export function bundleOf(desired: Desired, name: string, facts: Partial<ClusterFacts> = {}): DesiredBundle {
  const bundle = renderBundles(desired, { ...cluster, ...facts }).find((one) => one.name === name);
  if (!bundle) throw new Error(`there is no bundle ${name}`);
  return bundle;
}

/** What tests look at in the manifest of an object; whatever it has. */
// biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds are looked into.
export type AnyManifest = any;

export function manifestOf(objects: readonly DesiredObject[], kind: string, name?: string): AnyManifest {
  const found = objects.find(({ ref }) => ref.kind === kind && (name === undefined || ref.name === name));
  if (!found) throw new Error(`there is no ${kind} ${name ?? ''}`);
  return found.manifest;
}

const controllers = ['DaemonSet', 'Deployment', 'StatefulSet', 'Job'];

/** The pod template of the one controller among the objects. */
export function podOf(objects: readonly DesiredObject[]): AnyManifest {
  const controller = objects.find(({ ref }) => controllers.includes(ref.kind));
  if (!controller) throw new Error('no object makes pods');
  return (controller.manifest as AnyManifest).spec.template;
}

/** The one container of its pods. */
export function containerOf(objects: readonly DesiredObject[]): AnyManifest {
  return podOf(objects).spec.containers[0];
}

/** The objects of a process that needs nothing but what is given, in a cloud with these others. */
export function objectsOf(
  part: Partial<Process>,
  { facts = {}, others = [] }: { facts?: Partial<ClusterFacts>; others?: Partial<Process>[] } = {},
): DesiredObject[] {
  const processes = [part, ...others].map((one) =>
    process({
      name: 'example',
      service: 'example',
      image: 'base',
      command: ['example', '--serve'],
      user: '900:900',
      health: { command: ['check'], intervalSeconds: 10, timeoutSeconds: 5, startSeconds: 60, retries: 3 },
      ...one,
    }),
  );
  const desired: Desired = {
    cloud: 'test',
    images: [{ name: 'base', hash: '0'.repeat(12), reference: 'base:test', parents: [] }],
    networks: [],
    volumes: [],
    processes,
    jobs: [],
    tasks: [],
    endpoints: [],
    ledger: { process: 'example', user: '0:0', read: [], record: [] },
    publicAddress: '192.0.2.1',
  };
  return bundleOf(desired, part.name ?? 'example', facts).objects;
}
