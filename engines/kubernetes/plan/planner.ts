import { GantryError } from '../../../src/errors.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { NodeRole } from '../../../src/model/node-role.ts';
import type { Process } from '../../../src/model/workload.ts';
import { describeReload, describeReplacement } from '../../../src/plan/changes.ts';
import { type Dependent, orderDependents } from '../../../src/plan/dependencies.ts';
import { sortByDependencies } from '../../../src/plan/graph.ts';
import type { Identity } from '../../../src/plan/identity.ts';
import { paceReplacements, type Replacement } from '../../../src/plan/pace.ts';
import type { Plan } from '../../../src/plan/step.ts';
import { planDependents } from '../../../src/plan/walk.ts';
import {
  type DesiredBundle,
  type DesiredObject,
  type FieldConflict,
  type ObjectDifference,
  type ObservedBundles,
  type ObservedRollout,
  objectKey,
  type StrayObject,
} from './bundle.ts';
import { planImages, planSeeds } from './images.ts';
import { planGrowth, refuseResizes } from './resizes.ts';
import { type BundleStep, makeStep, stepId } from './steps.ts';

/** The bundle of what processes share: everything else is applied after it. */
export const SHARED_BUNDLE = 'cloud';
/** Differing fields named in one cause before the rest is only counted. */
const FIELDS_SHOWN = 4;

/**
 * The steps from what is observed to what is desired on an engine that brings declared objects about itself;
 * none when nothing differs. Pure. What holds data is never removed.
 * Throws GantryError: bugs of the catalogue as `plan` does, `plan.volume-size` where a volume cannot have the size that
 * is wanted, and `plan.data-immutable` where a volume claim would have to be replaced.
 */
export function planBundles(
  desired: Desired,
  bundles: readonly DesiredBundle[],
  observed: ObservedBundles,
  options: { force?: boolean } = {},
): Plan<BundleStep> {
  const byName = new Map(bundles.map((bundle) => [bundle.name, bundle]));
  refuseResizes(observed);
  const images = planImages(desired, observed);
  const steps: BundleStep[] = [...planNodes(observed), ...images.builds];
  const shared = byName.get(SHARED_BUNDLE);
  const first: string[] = [];
  if (shared) {
    const labels = steps.filter((step) => step.kind === 'node.label').map((step) => step.id);
    const apply = planApply(shared, undefined, observed, { dependsOn: labels, force: options.force });
    steps.push(...apply);
    first.push(...labels, ...apply.map((step) => step.id));
  }
  const seeds = planSeeds(desired, observed, images.builds, first);
  steps.push(...seeds);
  const { registry } = desired;
  const inRegistry = new Set(registry ? [registry.process, registry.mirror] : []);
  const published = new Set(images.published);
  const mirrorSteps: string[] = [];
  const replacements: Replacement[] = [];
  // The registry inside the cluster comes from elsewhere, and everything else from it.
  const originOf = (name: string, image: string): string[] => {
    if (inRegistry.has(name)) return seeds.map((step) => step.id);
    return [...mirrorSteps, ...(published.has(image) ? [stepId('image.publish', image)] : [])];
  };

  const unwanted = planUnwanted(byName, observed);
  const dependents = startWith(inRegistry, orderDependents(desired));
  const walked = planDependents<BundleStep>(dependents, desired, ledgerOf(desired, observed), {
    process(process, after) {
      const bundle = byName.get(process.name);
      const wanted = bundle?.identity;
      if (!wanted) throw missingBundle(process.name);
      const before = [...first, ...originOf(process.name, process.image), ...after];
      const result = planProcessBundle(bundle, { process, wanted }, observed, before, options.force);
      if (process.name === registry?.mirror) mirrorSteps.push(...mirrored(result));
      const serves = observed.rollouts[process.name]?.ready ?? false;
      replacements.push(...findReplacement(bundle, result, { serves, instanceOf: process.instanceOf }));
      const ready = result.map((step) => step.id);
      return { steps: result, ready, retired: [], retirement: planRetirement(bundle, observed, ready) };
    },
    job(job, runs) {
      const objects = observed.jobs[job.name];
      const fields = { subject: job.name, resource: job.name, group: job.service };
      // What runs it again removes these itself.
      const leftovers =
        runs || !objects
          ? []
          : [
              makeStep('bundle.remove', {
                ...fields,
                cause: 'left over from an earlier run',
                args: { name: job.name, objects },
              }),
            ];
      // What is no longer wanted of a service may use the schema as it was.
      const older = job.phase === 'contract' ? unwanted.filter(({ group }) => group === job.service) : [];
      return {
        leftovers,
        before: [...first, ...originOf(job.name, job.image), ...older.map(({ id }) => id)],
      };
    },
  });
  steps.push(...unwanted, ...walked.steps);
  steps.push(...images.publish(registry ? (walked.ready.get(`process:${registry.process}`) ?? []) : []));
  paceReplacements(replacements);
  steps.push(...planLeftovers(byName, observed, steps));
  return { cloud: desired.cloud, steps: sortByDependencies(steps) };
}

function planProcessBundle(
  bundle: DesiredBundle,
  { process, wanted }: Pick<Situation, 'process' | 'wanted'>,
  observed: ObservedBundles,
  before: string[],
  force: boolean | undefined,
): BundleStep[] {
  const rollout = observed.rollouts[process.name];
  const grown = planGrowth(bundle, observed);
  // Only what can grow is promised to instances that are yet to come.
  const after = [...before, ...grown.map((step) => step.id)];
  const steps = planApply(bundle, { process, wanted, rollout }, observed, { dependsOn: after, force });
  const applied = steps.map((step) => step.id);
  const fields = { subject: bundle.name, resource: bundle.name, group: bundle.group };
  const reload = rollout && describeReload(process, wanted, rollout);
  if (applied.length > 0 || !rollout?.ready) {
    const cause = steps[0]?.cause ?? rollout?.detail ?? 'not ready yet';
    steps.push(makeStep('bundle.wait', { ...fields, cause, dependsOn: applied, args: { bundle } }));
  }
  if (reload && rollout.identity === wanted.identity) {
    const dependsOn = steps.map((step) => step.id);
    steps.push(makeStep('bundle.reload', { ...fields, cause: reload, dependsOn, args: { bundle } }));
  }
  return [...grown, ...steps];
}

/** Of a rollout that is done, pods of an earlier identity may be stopping still: a Deployment does not count them. */
function planRetirement(bundle: DesiredBundle, observed: ObservedBundles, dependsOn: string[]): BundleStep[] {
  const { name, group } = bundle;
  if (!observed.rollouts[name]) return [];
  const cause = 'nothing of an earlier version of it may run any more';
  return [
    makeStep('bundle.retire', { subject: name, resource: name, group, cause, dependsOn, args: { bundle } }),
  ];
}

/** What is replaced by these steps of one bundle, if anything is. What runs on every node goes at the nodes' own pace. */
function findReplacement(
  bundle: DesiredBundle,
  steps: readonly BundleStep[],
  given: Pick<Replacement, 'serves' | 'instanceOf'>,
): Replacement[] {
  const begins = steps.filter((step) => step.kind === 'bundle.apply' && step.change === 'replace');
  const everywhere = bundle.objects.some(({ ref }) => ref.kind === 'DaemonSet');
  if (begins.length === 0 || everywhere) return [];
  const ready = steps.filter(({ kind }) => kind === 'bundle.wait').map(({ id }) => id);
  return [{ begins, ready, ...given }];
}

interface Situation {
  process: Process;
  wanted: Identity;
  rollout: ObservedRollout | undefined;
}

/** The one step that applies a bundle, or none where all its objects are as wanted. */
function planApply(
  bundle: DesiredBundle,
  situation: Situation | undefined,
  observed: ObservedBundles,
  { dependsOn, force = false }: { dependsOn: string[]; force?: boolean | undefined },
): BundleStep[] {
  const differing = bundle.objects
    .map(({ ref, outlives }) => ({
      ref,
      outlives,
      difference: observed.objects[objectKey(ref)] ?? { state: 'absent' as const },
    }))
    .filter(({ difference }) => difference.state !== 'same');
  if (differing.length === 0) return [];
  const replace = differing
    .filter(({ difference }) => difference.state === 'immutable')
    .map(({ ref }) => ref);
  const claim = replace.find(({ kind }) => kind === 'PersistentVolumeClaim');
  if (claim) throw immutableData(claim.name, observed.objects[objectKey(claim)]);
  const replaces =
    // Pods of a set stay while it is made anew.
    replace.some(({ kind }) => kind !== 'StatefulSet') ||
    (situation?.rollout !== undefined && situation.rollout.identity !== situation.wanted.identity);
  // What outlives the process may be there from before.
  const isNew =
    differing.every(isAbsent) &&
    differing.filter(goesWithProcess).length === bundle.objects.filter(goesWithProcess).length;
  const cause = isNew
    ? 'new'
    : [
        ...describeRollout(situation),
        ...differing.map(describeDifference).filter((text) => text !== ''),
        ...(replace.length > 0 && !replaces ? ['it is made anew, and its pods stay'] : []),
      ];
  return [
    makeStep('bundle.apply', {
      subject: bundle.name,
      resource: bundle.name,
      group: bundle.group,
      cause: [cause].flat().join('; ') || 'recorded differently',
      dependsOn,
      change: isNew ? 'create' : replaces ? 'replace' : 'change',
      args: { bundle, replace, force },
    }),
  ];
}

function goesWithProcess({ outlives = false }: Pick<DesiredObject, 'outlives'>): boolean {
  return !outlives;
}

function isAbsent({ difference }: { difference: ObjectDifference }): boolean {
  return difference.state === 'absent';
}

function describeRollout(situation: Situation | undefined): string[] {
  if (!situation?.rollout) return [];
  const { process, wanted, rollout } = situation;
  if (rollout.identity !== wanted.identity) return [describeReplacement(process, wanted, rollout)];
  const reload = describeReload(process, wanted, rollout);
  return reload ? [reload] : [];
}

/** What differs in an object, apart from what describeRollout says: its pod template and the files. */
function describeDifference({
  ref,
  difference,
}: {
  ref: { kind: string; name: string };
  difference: ObjectDifference;
}): string {
  if (ref.kind === 'Secret' && difference.state !== 'immutable') return describeConflicts(difference);
  const object = `${ref.kind} ${ref.name}`;
  if (difference.state === 'absent') return `${object} is not there`;
  if (difference.state === 'same') return '';
  const fields = difference.fields.filter(
    (field) => difference.state === 'immutable' || !field.startsWith('spec.template.'),
  );
  const shown = fields.slice(0, FIELDS_SHOWN).join(', ');
  const more = fields.length > FIELDS_SHOWN ? ` and ${fields.length - FIELDS_SHOWN} more` : '';
  const what = difference.state === 'immutable' ? 'cannot be changed in place' : 'differs';
  const changed = fields.length > 0 ? `${object}: ${shown}${more} ${what}` : '';
  return [changed, describeConflicts(difference)].filter((text) => text !== '').join('; ');
}

function describeConflicts(difference: ObjectDifference): string {
  const conflicts: FieldConflict[] = 'conflicts' in difference ? difference.conflicts : [];
  return conflicts.map(({ field, owner }) => `${field} is claimed by ${owner}`).join('; ');
}

/** Where no node has a role yet, every node that is ready gets the roles the engine chose for it. */
function planNodes(observed: ObservedBundles): BundleStep[] {
  return observed.nodes
    .filter(({ unlabelled }) => unlabelled)
    .map(({ name, roles }) =>
      makeStep('node.label', {
        subject: name,
        resource: name,
        group: 'nodes',
        cause: `no node has a role yet: it becomes ${listRoles(roles)}`,
        args: { node: name, roles },
      }),
    );
}

function listRoles(roles: readonly NodeRole[]): string {
  return `a ${roles.join(', ')} node`;
}

/**
 * The steps of the mirror that others wait for. What starts for the first time would wait longer for its image, the sooner
 * it asked. Mirrors that are there already are not waited for: one node that is away would hold everything back.
 */
function mirrored(steps: readonly BundleStep[]): string[] {
  const apply = steps.find(({ kind }) => kind === 'bundle.apply');
  if (!apply) return [];
  return steps
    .filter(({ kind }) => kind === 'bundle.apply' || (apply.change === 'create' && kind === 'bundle.wait'))
    .map(({ id }) => id);
}

/** The registry's own processes first: orderDependents has them after nothing else. */
function startWith(names: ReadonlySet<string>, dependents: readonly Dependent[]): Dependent[] {
  const isOne = (one: Dependent) => one.type === 'process' && names.has(one.process.name);
  return [...dependents.filter(isOne), ...dependents.filter((one) => !isOne(one))];
}

/** Processes that are not in the cloud any more go. */
function planUnwanted(desired: ReadonlyMap<string, DesiredBundle>, observed: ObservedBundles): BundleStep[] {
  return straysByBundle(observed)
    .filter(([name]) => !desired.has(name))
    .map(([name, strays]) =>
      makeStep('bundle.remove', {
        subject: name,
        resource: name,
        group: strays[0]?.group ?? name,
        cause: 'no longer wanted',
        args: { name, objects: strays.map(({ ref }) => ref) },
      }),
    );
}

/** Objects that nothing needs any more go when what took their place is ready. */
function planLeftovers(
  desired: ReadonlyMap<string, DesiredBundle>,
  observed: ObservedBundles,
  steps: readonly BundleStep[],
): BundleStep[] {
  const planned = new Set(steps.map((step) => step.id));
  return straysByBundle(observed).flatMap(([name, strays]) => {
    const bundle = desired.get(name);
    if (!bundle) return [];
    return makeStep('bundle.remove', {
      subject: `${name} leftovers`,
      resource: name,
      group: bundle.group,
      cause: 'an earlier version of it is no longer used',
      dependsOn: [stepId('bundle.apply', name), stepId('bundle.wait', name)].filter((id) => planned.has(id)),
      args: { name, objects: strays.map(({ ref }) => ref) },
    });
  });
}

function straysByBundle({ stray }: ObservedBundles): [string, StrayObject[]][] {
  const removable = stray.filter(({ holdsData }) => !holdsData);
  return [...new Set(removable.map(({ bundle }) => bundle))].map((name) => [
    name,
    removable.filter(({ bundle }) => bundle === name),
  ]);
}

function ledgerOf(desired: Desired, { ledger, rollouts }: ObservedBundles) {
  return {
    ledger,
    ledgerExists: desired.ledger !== undefined && rollouts[desired.ledger.process] !== undefined,
  };
}

function missingBundle(process: string): GantryError {
  return new GantryError({
    code: 'plan.no-bundle',
    whose: 'bug',
    message: `Nothing was rendered for ${process}.`,
  });
}

function immutableData(claim: string, difference: ObjectDifference | undefined): GantryError {
  const fields = difference && 'fields' in difference ? difference.fields.join(', ') : '';
  return new GantryError({
    code: 'plan.data-immutable',
    whose: 'user',
    message: `the volume claim ${claim} holds data and cannot be changed in place`,
    why: `These fields differ: ${fields}.`,
    next: 'put back what cloud.yaml said of it, or move its data and remove the claim yourself',
  });
}
