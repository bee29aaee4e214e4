import type { Desired, DesiredImage, DesiredNetwork } from '../model/desired.ts';
import type { Observed, ObservedInstance } from '../model/observed.ts';
import type { Job, Process } from '../model/workload.ts';
import { orderDependents } from './dependencies.ts';
import { removeAll } from './down.ts';
import { compareText, sortByDependencies } from './graph.ts';
import { wantedIdentity } from './identity.ts';
import { type InstanceStep, makeStep, stepId } from './instance-steps.ts';
import {
  DEFAULT_GRACE_SECONDS,
  findReplacement,
  isServing,
  planProcess,
  removeInstances,
} from './instances.ts';
import { paceReplacements, type Replacement } from './pace.ts';
import type { Plan } from './step.ts';
import { planDependents } from './walk.ts';

/**
 * The steps from what is observed to what is desired, dependencies first; none when nothing differs.
 * Pure: the same input, in whatever order its lists are, gives the same plan. Never removes volumes.
 * Throws GantryError `plan.unknown-dependency`, `plan.unknown-image` or `plan.cycle`, all of them bugs.
 */
export function plan(desired: Desired, observed: Observed): Plan<InstanceStep> {
  const dependents = orderDependents(desired);
  const builds = planImages(desired.images, observed);
  const networks = planNetworks(
    desired,
    observed,
    builds.map((step) => step.id),
  );
  const instances = networks.recreated ? [] : observed.instances;
  const volumes = planVolumes(desired, observed);
  const unwanted = planUnwanted(desired, instances);
  const steps: InstanceStep[] = [...builds, ...networks.steps, ...volumes, ...unwanted];

  const planned = new Set(steps.map((step) => step.id));
  const replacements: Replacement[] = [];
  const beforeMaking = (workload: Process | Job): string[] =>
    [
      stepId('image.build', workload.image),
      ...desired.networks.map((network) => stepId('network.create', network.name)),
      ...workload.volumes.map((mount) => stepId('volume.create', mount.volume)),
    ].filter((id) => planned.has(id));
  const removedOf = (service: string): string[] =>
    unwanted.filter(({ group }) => group === service).map(({ id }) => id);

  const walked = planDependents<InstanceStep>(dependents, desired, ledgerOf(desired, observed), {
    process(process, after) {
      const own = instances.filter((one) => one.kind === 'process' && one.workload === process.name);
      const result = planProcess({
        process,
        wanted: wantedIdentity(process, desired),
        instances: own,
        beforeStart: [...beforeMaking(process), ...after, ...removedOf(process.service)],
        beforeReady: after,
        causeOfAbsence: networks.recreated ?? (observed.instances.length === 0 ? 'new' : 'is not there'),
      });
      replacements.push(...findReplacement(process, result, own.some(isServing)));
      return result;
    },
    job(job) {
      const left = instances.filter((one) => one.kind === 'job' && one.workload === job.name);
      const removals = left.map((instance) => ({
        instance,
        cause: `left over from an earlier run of ${job.name}`,
      }));
      // What is no longer wanted of a service may use the schema as it was.
      const older = job.phase === 'contract' ? removedOf(job.service) : [];
      return {
        leftovers: removeInstances(removals, DEFAULT_GRACE_SECONDS, []),
        before: [...beforeMaking(job), ...older],
      };
    },
  });
  steps.push(...walked.steps);
  paceReplacements(replacements);
  steps.push(...planUnwantedNetworks(desired, observed, steps));
  return { cloud: desired.cloud, steps: sortByDependencies(steps) };
}

function planImages(images: DesiredImage[], observed: Observed): InstanceStep[] {
  const present = new Set(observed.images);
  const repositories = new Set(observed.images.map(repositoryOf));
  const absent = images.filter((image) => !present.has(image.reference));
  const building = new Set(absent.map((image) => image.name));
  return absent.map((image) =>
    makeStep('image.build', {
      subject: image.name,
      resource: image.name,
      group: 'images',
      cause: whyBuild(image, repositories),
      dependsOn: image.parents
        .filter((parent) => building.has(parent))
        .map((name) => stepId('image.build', name)),
      args: { image },
    }),
  );
}

function whyBuild({ reference, registry }: DesiredImage, repositories: Set<string>): string {
  const cause = repositories.has(repositoryOf(reference)) ? 'what it is built from changed' : 'not built yet';
  return registry ? `${cause}; pulled where ${registry} has it` : cause;
}

/** A reference without its tag; a colon before the last slash belongs to a registry's port. */
function repositoryOf(reference: string): string {
  return reference.replace(/:[^/:]*$/, '');
}

interface NetworkSteps {
  steps: InstanceStep[];
  /** Why all instances are made anew, when a network they are attached to has to be. */
  recreated: string | undefined;
}

function planNetworks(desired: Desired, observed: Observed, builds: string[]): NetworkSteps {
  const fields = (name: string) => ({ subject: name, resource: name, group: 'networks' });
  const present = new Map(observed.networks.map((network) => [network.name, network]));
  const changed = desired.networks
    .filter((network) => whyRecreateNetwork(network, present.get(network.name)) !== undefined)
    .sort((a, b) => compareText(a.name, b.name));
  const causes = changed.map((network) => whyRecreateNetwork(network, present.get(network.name)) as string);
  const recreated = causes.length > 0 ? causes.join('; ') : undefined;
  // Attached instances keep a network from being removed; their images are built first to keep the outage short.
  const removals = recreated ? removeAll(observed.instances, recreated, desired, builds) : [];
  const removed = removals.map((step) => step.id);
  const steps: InstanceStep[] = [...removals];
  for (const [index, { name }] of changed.entries()) {
    const cause = causes[index] as string;
    steps.push(makeStep('network.remove', { ...fields(name), cause, dependsOn: removed, args: { name } }));
  }
  for (const network of desired.networks) {
    const { name } = network;
    const cause = causes[changed.indexOf(network)];
    if (present.has(name) && cause === undefined) continue;
    const dependsOn = cause === undefined ? [] : [stepId('network.remove', name)];
    const create = { ...fields(name), cause: cause ?? 'is not there', dependsOn, args: { network } };
    steps.push(makeStep('network.create', create));
  }
  return { steps, recreated };
}

function whyRecreateNetwork(
  { name, subnet, nat = true }: DesiredNetwork,
  present: Observed['networks'][number] | undefined,
): string | undefined {
  if (!present) return undefined;
  if (present.subnet !== subnet)
    return `subnet of network ${name} changed from ${present.subnet} to ${subnet}`;
  if ((present.nat ?? true) === nat) return undefined;
  return `address translation of network ${name} was switched ${nat ? 'on' : 'off'}`;
}

/** A network goes once the instances that were attached to it are gone. */
function planUnwantedNetworks(desired: Desired, observed: Observed, steps: InstanceStep[]): InstanceStep[] {
  const wanted = new Set(desired.networks.map((network) => network.name));
  const dependsOn = steps.filter((step) => step.kind === 'instance.remove').map((step) => step.id);
  return observed.networks
    .filter(({ name }) => !wanted.has(name))
    .map(({ name }) =>
      makeStep('network.remove', {
        subject: name,
        resource: name,
        group: 'networks',
        cause: 'no longer wanted',
        dependsOn,
        args: { name },
      }),
    );
}

function planVolumes(desired: Desired, observed: Observed): InstanceStep[] {
  const present = new Set(observed.volumes);
  return desired.volumes
    .filter((volume) => !present.has(volume))
    .map((volume) =>
      makeStep('volume.create', {
        subject: volume,
        resource: volume,
        group: 'volumes',
        cause: 'is not there',
        args: { volume },
      }),
    );
}

/** Removes the instances of processes and jobs that are not in the cloud any more. */
function planUnwanted(desired: Desired, instances: ObservedInstance[]): InstanceStep[] {
  const processes = new Set(desired.processes.map((process) => process.name));
  const jobs = new Set(desired.jobs.map((job) => job.name));
  const unwanted = instances.filter((one) => !(one.kind === 'job' ? jobs : processes).has(one.workload));
  const removals = unwanted.map((instance) => ({ instance, cause: 'no longer wanted' }));
  return removeInstances(removals, DEFAULT_GRACE_SECONDS, []);
}

function ledgerOf(desired: Desired, { ledger, instances }: Observed) {
  return { ledger, ledgerExists: instances.some((one) => one.workload === desired.ledger?.process) };
}
