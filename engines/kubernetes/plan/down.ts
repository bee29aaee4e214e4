import type { NodeRole } from '../../../src/model/node-role.ts';
import { nameOf } from '../../../src/plan/dependencies.ts';
import { type RemovalOrder, usersByProcess } from '../../../src/plan/down.ts';
import { sortByDependencies } from '../../../src/plan/graph.ts';
import type { Plan } from '../../../src/plan/step.ts';
import { type DesiredBundle, type ObjectRef, type ObservedBundles, objectKey } from './bundle.ts';
import { SHARED_BUNDLE } from './planner.ts';
import { type BundleStep, makeStep, stepId } from './steps.ts';

export interface BundlesDownOptions {
  cloud: string;
  /** Remove claims, the namespace and what is kept on nodes too: their data is lost. */
  volumes: boolean;
  order: RemovalOrder;
}

/**
 * The steps that take a cloud down on an engine that brings declared objects about itself: dependents before what
 * they depend on, what they share last. Without `volumes`, claims and the namespace they are in stay, and addresses that
 * clients of what is on them keep.
 */
export function planBundlesDown(
  bundles: readonly DesiredBundle[],
  observed: ObservedBundles,
  { cloud, volumes, order }: BundlesDownOptions,
): Plan<BundleStep> {
  const existing = existingObjects(bundles, observed, volumes);
  const cause = 'the cloud is taken down';
  const removals = new Map<string, BundleStep>();
  for (const [name, { group, objects }] of existing) {
    if (name === SHARED_BUNDLE || objects.length === 0) continue;
    const farewell = order.processes.find((process) => process.name === name)?.farewell;
    removals.set(
      name,
      makeStep('bundle.remove', {
        subject: name,
        resource: name,
        group,
        cause,
        args: { name, objects, ...(farewell ? { farewell } : {}) },
      }),
    );
  }
  for (const [ref, users] of usersByProcess(order)) {
    const step = removals.get(nameOf(ref));
    step?.dependsOn.push(...users.flatMap((user) => removals.get(nameOf(user))?.id ?? []));
  }
  const steps: BundleStep[] = [...removals.values()];
  const workloads = steps.map((step) => step.id);
  const jobs = Object.entries(observed.jobs).map(([name, objects]) =>
    makeStep('bundle.remove', {
      subject: `${name} leftovers`,
      resource: name,
      group: 'cloud',
      cause,
      args: { name, objects },
    }),
  );
  steps.push(...jobs);
  const kept = existing.get(SHARED_BUNDLE)?.objects ?? [];
  const shared = planSharedDown(kept, observed, volumes ? keepingRoles(order) : undefined, [
    ...workloads,
    ...jobs.map((step) => step.id),
  ]);
  return { cloud, steps: sortByDependencies([...steps, ...shared]) };
}

/** Roles of the nodes on which processes may have kept something. */
function keepingRoles({ processes }: RemovalOrder): readonly NodeRole[] {
  return processes
    .filter(({ volumes }) => volumes.some(({ scope }) => scope === 'node'))
    .flatMap(({ on }) => on);
}

/** With `cleaned`, the data goes too, also that on nodes with one of these roles and on those that lost theirs. */
function planSharedDown(
  objects: ObjectRef[],
  observed: ObservedBundles,
  cleaned: readonly NodeRole[] | undefined,
  dependsOn: string[],
): BundleStep[] {
  const volumes = cleaned !== undefined;
  const claims = observed.stray.filter(({ holdsData }) => holdsData).map(({ ref }) => ref);
  const steps: BundleStep[] = [];
  if (volumes && (objects.length > 0 || claims.length > 0)) {
    const keeping = observed.nodes.filter(({ roles }) => roles.some((role) => cleaned.includes(role)));
    for (const name of [...keeping.map((node) => node.name), ...observed.drained]) {
      steps.push(
        makeStep('node.clean', {
          subject: name,
          resource: name,
          group: 'nodes',
          cause: 'the cloud is taken down with its data',
          dependsOn,
          destroys: true,
          args: { node: name },
        }),
      );
    }
  }
  const removed = volumes
    ? [...objects.filter(({ kind }) => kind !== 'Namespace'), ...claims]
    : objects.filter(({ kind }) => kind !== 'Namespace' && kind !== 'PersistentVolumeClaim');
  const namespace = volumes ? objects.filter(({ kind }) => kind === 'Namespace') : [];
  const after = [...dependsOn, ...steps.map((step) => step.id)];
  const remove = (subject: string, refs: ObjectRef[], before: string[]): void => {
    if (refs.length === 0) return;
    steps.push(
      makeStep('bundle.remove', {
        subject,
        resource: subject,
        group: 'cloud',
        cause: volumes ? 'the cloud is taken down with its data' : 'the cloud is taken down',
        dependsOn: before,
        destroys: volumes && refs.some(({ kind }) => kind === 'PersistentVolumeClaim'),
        args: { name: subject, objects: refs },
      }),
    );
  };
  remove('shared objects', removed, after);
  const last = stepId('bundle.remove', 'shared objects');
  remove('namespace', namespace, removed.length > 0 ? [last] : after);
  return steps;
}

/** What is there and goes, by bundle: desired objects that exist, and strays without data. */
function existingObjects(
  bundles: readonly DesiredBundle[],
  observed: ObservedBundles,
  volumes: boolean,
): Map<string, { group: string; objects: ObjectRef[] }> {
  const existing = new Map(
    bundles.map(({ name, group, objects }) => [
      name,
      {
        group,
        objects: objects
          .filter(({ outlives }) => volumes || !outlives)
          .map(({ ref }) => ref)
          .filter((ref) => (observed.objects[objectKey(ref)]?.state ?? 'absent') !== 'absent'),
      },
    ]),
  );
  for (const { ref, bundle, group, holdsData } of observed.stray) {
    if (holdsData) continue;
    const entry = existing.get(bundle) ?? { group, objects: [] };
    entry.objects.push(ref);
    existing.set(bundle, entry);
  }
  return existing;
}
