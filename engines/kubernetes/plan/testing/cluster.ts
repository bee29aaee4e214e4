import type { Desired } from '../../../../src/model/desired.ts';
import type { Job } from '../../../../src/model/workload.ts';
import { fileHashesOf, hashOf, type Identity, wantedIdentity } from '../../../../src/plan/identity.ts';
import { referenceOf } from '../../../../src/plan/jobs.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import {
  type DesiredBundle,
  type ObjectDifference,
  type ObjectRef,
  type ObservedBundles,
  objectKey,
} from '../bundle.ts';
import type { BundleStep } from '../steps.ts';

/** What a cluster and the database would hold. */
export interface Cluster {
  registry: string[];
  /** References of images that the node was given by itself. */
  seeded: string[];
  built: string[];
  objects: Record<string, { ref: ObjectRef; manifest: object; bundle: string }>;
  /** Processes whose present objects are brought about, with the identity they run. */
  ready: Record<string, Identity>;
  /** Processes with a pod of an earlier identity that is being stopped, though the rollout is done. */
  leaving: string[];
  ledger: Record<string, string>;
}

export function makeCluster(): Cluster {
  return { registry: [], seeded: [], built: [], objects: {}, ready: {}, leaving: [], ledger: {} };
}

/** The objects of each process: a controller, a configuration named by content, one that is reloaded. */
export function bundlesOf(desired: Desired): DesiredBundle[] {
  const object = (kind: string, name: string, spec: object) => {
    const ref = { apiVersion: 'v1', kind, namespace: desired.cloud, name };
    return { ref, manifest: { kind, name, spec } };
  };
  const shared = {
    name: 'cloud',
    group: 'cloud',
    process: undefined,
    identity: undefined,
    objects: [object('Namespace', desired.cloud, {}), object('PersistentVolumeClaim', 'shared', {})],
  };
  return [
    shared,
    ...desired.processes.map((process) => {
      const identity = wantedIdentity(process, desired);
      const fixed = process.files.filter((file) => !file.reloadable);
      return {
        name: process.name,
        group: process.service,
        process,
        identity,
        objects: [
          object('Deployment', process.name, { identity: identity.identity, replicas: process.replicas }),
          object('Secret', `${process.name}-${hashOf(fixed)}`, { fixed }),
          object('Secret', `${process.name}-reloadable`, { files: process.files }),
        ],
      };
    }),
  ];
}

/** What an engine would report of the cluster. */
export function observeCluster(cluster: Cluster, desired: Desired): ObservedBundles {
  const bundles = bundlesOf(desired);
  const wanted = new Set(bundles.flatMap(({ objects }) => objects.map(({ ref }) => objectKey(ref))));
  const differences = bundles.flatMap(({ objects }) =>
    objects.map(({ ref, manifest }): [string, ObjectDifference] => {
      const live = cluster.objects[objectKey(ref)];
      if (!live) return [objectKey(ref), { state: 'absent' }];
      if (hashOf(live.manifest) === hashOf(manifest)) return [objectKey(ref), { state: 'same' }];
      return [objectKey(ref), { state: 'changed', fields: ['spec.replicas'], conflicts: [] }];
    }),
  );
  return {
    images: cluster.registry,
    unseeded: registryImages(desired).every((image) => cluster.seeded.includes(image)) ? [] : ['node-1'],
    builtImages: cluster.built,
    objects: Object.fromEntries(differences),
    stray: Object.entries(cluster.objects)
      .filter(([key]) => !wanted.has(key))
      .map(([, { ref, bundle }]) => ({
        ref,
        bundle,
        group: bundle.split('-')[0] ?? bundle,
        holdsData: false,
      })),
    rollouts: Object.fromEntries(
      Object.entries(cluster.ready).map(([name, made]) => [
        name,
        { ...made, files: {}, ready: true, detail: undefined },
      ]),
    ),
    resizes: [],
    nodes: [{ name: 'node-1', roles: ['control', 'compute', 'network'], ready: true, unlabelled: false }],
    drained: [],
    jobs: {},
    ledger: cluster.ready.mariadb ? cluster.ledger : undefined,
  };
}

/** References of the images of the registry inside the cluster. */
function registryImages({ registry, processes, images }: Desired): string[] {
  return processes
    .filter(({ name }) => name === registry?.process)
    .map((process) => referenceOf(process, images));
}

/** The cluster after these steps, in their order; throws where an engine would refuse. */
export function applyToCluster(
  cluster: Cluster,
  desired: Desired,
  { steps }: Pick<Plan<BundleStep>, 'steps'>,
): Cluster {
  const next = structuredClone(cluster);
  for (const step of steps) applyStep(next, desired, step);
  return next;
}

function applyStep(cluster: Cluster, desired: Desired, step: BundleStep): void {
  switch (step.kind) {
    case 'image.build':
      for (const parent of step.args.image.parents) {
        const reference = desired.images.find(({ name }) => name === parent)?.reference ?? parent;
        if (!cluster.built.includes(reference)) throw new Error(`${reference} is not built`);
      }
      cluster.built.push(step.args.image.reference);
      return;
    case 'image.publish':
      if (!cluster.built.includes(step.args.image.reference)) throw new Error('nothing to publish');
      if (desired.registry && !cluster.ready[desired.registry.process]) throw new Error('no registry yet');
      cluster.registry.push(step.args.image.reference);
      return;
    case 'node.seed':
      if (!cluster.built.includes(step.args.image.reference)) throw new Error('nothing to seed with');
      cluster.seeded.push(step.args.image.reference);
      return;
    case 'bundle.apply':
      for (const { ref, manifest } of step.args.bundle.objects)
        cluster.objects[objectKey(ref)] = { ref, manifest, bundle: step.args.bundle.name };
      return;
    case 'bundle.wait': {
      const { process } = step.args.bundle;
      if (!process) throw new Error('nothing to wait for');
      const reference = referenceOf(process, desired.images);
      const taken = registryImages(desired).includes(reference) ? cluster.seeded : cluster.registry;
      if (!taken.includes(reference)) throw new Error(`${reference} cannot be pulled`);
      const made = wantedIdentity(process, desired);
      const reloadable = new Set(process.files.filter((file) => file.reloadable).map(({ path }) => path));
      const before = cluster.ready[process.name];
      if (before && before.identity !== made.identity) cluster.leaving.push(process.name);
      // Pods that stay go on with the reloadable files they have.
      const kept = before?.identity === made.identity ? before.fileHashes : {};
      const fileHashes = Object.fromEntries(
        Object.entries(made.fileHashes).map(([path, hash]) => [
          path,
          reloadable.has(path) ? (kept[path] ?? hash) : hash,
        ]),
      );
      cluster.ready[process.name] = { ...made, fileHashes };
      return;
    }
    case 'bundle.retire':
      cluster.leaving = without(cluster.leaving, step.args.bundle.name);
      return;
    case 'bundle.reload': {
      const { process } = step.args.bundle;
      const rollout = process && cluster.ready[process.name];
      if (!rollout) throw new Error('nothing runs that could reload');
      rollout.fileHashes = fileHashesOf(process);
      return;
    }
    case 'bundle.remove':
      for (const ref of step.args.objects) {
        if (!cluster.objects[objectKey(ref)]) throw new Error(`${objectKey(ref)} is not there`);
        delete cluster.objects[objectKey(ref)];
        if (ref.kind !== 'Deployment') continue;
        delete cluster.ready[ref.name];
        cluster.leaving = without(cluster.leaving, ref.name);
      }
      return;
    case 'job.run':
      checkRetired(cluster, desired, step.args.job);
      cluster.ledger[step.args.job.name] = step.args.identity.identity;
      return;
    case 'task.run':
      cluster.ledger[step.args.task.name] = step.args.identity;
      return;
    case 'node.clean':
      return;
  }
}

/** Refuses a job while a process that must be retired before it runs in an older release. */
function checkRetired({ ready, leaving, objects }: Cluster, desired: Desired, job: Job): void {
  const own = desired.processes.filter(
    ({ name, service }) =>
      job.after.includes(`retired:${name}`) || (job.phase === 'contract' && service === job.service),
  );
  for (const process of own) {
    const { identity } = wantedIdentity(process, desired);
    if (ready[process.name]?.identity !== identity) throw new Error(`${process.name} is of an older release`);
    if (leaving.includes(process.name)) throw new Error(`an older ${process.name} is being stopped`);
  }
  const wanted = new Set(desired.processes.map(({ name }) => name));
  const left = Object.values(objects).find(
    ({ ref, bundle }) =>
      ref.kind === 'Deployment' && !wanted.has(bundle) && bundle.split('-')[0] === job.service,
  );
  if (job.phase === 'contract' && left) throw new Error(`${left.bundle} is still there`);
}

function without(names: readonly string[], name: string): string[] {
  return names.filter((one) => one !== name);
}
