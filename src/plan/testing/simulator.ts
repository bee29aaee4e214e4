import type { Desired } from '../../model/desired.ts';
import { ledgerOf } from '../../model/ledger.ts';
import type { Observed, ObservedInstance } from '../../model/observed.ts';
import type { Job, Process } from '../../model/workload.ts';
import { fileHashesOf, type Identity, identityOf, wantedIdentity } from '../identity.ts';
import type { InstanceStep, InstanceStepArgs } from '../instance-steps.ts';
import { isServing } from '../instances.ts';
import type { Plan, StepOf } from '../step.ts';

/** What an engine and the database would hold; the ledger can only be read while its process serves. */
export interface World {
  images: string[];
  networks: Observed['networks'];
  volumes: string[];
  instances: ObservedInstance[];
  ledger: Record<string, string>;
  ledgerProcess: string;
  imageOf: Record<string, string>;
  /** Numbers given out as instance ids so far. */
  made: number;
}

/** A world before the first `up`. */
export function makeWorld(): World {
  return {
    images: [],
    networks: [],
    volumes: [],
    instances: [],
    ledger: {},
    ledgerProcess: '',
    imageOf: {},
    made: 0,
  };
}

/** What an engine would report of the world. */
export function observeWorld(world: World): Observed {
  const answers = world.instances.some((one) => one.workload === world.ledgerProcess && isServing(one));
  return structuredClone({
    images: world.images,
    networks: world.networks,
    volumes: world.volumes,
    instances: world.instances,
    ledger: answers ? world.ledger : undefined,
  });
}

/** The world after these steps, in their order; throws where an engine would refuse. */
export function applyPlan(world: World, desired: Desired, plan: Pick<Plan<InstanceStep>, 'steps'>): World {
  const next = structuredClone(world);
  next.ledgerProcess = ledgerOf(desired).process;
  next.imageOf = Object.fromEntries(desired.images.map((image) => [image.name, image.reference]));
  for (const step of plan.steps) {
    if (step.kind === 'job.run') checkRetired(next, desired, step);
    applyStep(next, step);
  }
  return next;
}

/** What is left when ids and times, which differ between two ways to the same end, are taken away. */
export function essenceOf(world: World): object {
  const sorted = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();
  return {
    images: sorted(world.images),
    networks: sorted(world.networks),
    volumes: sorted(world.volumes),
    instances: sorted(world.instances.map(({ id: _id, ...one }) => one)),
    ledger: sorted(Object.entries(world.ledger)),
  };
}

/** An instance as it is once made from this workload. */
export function makeInstance(
  workload: Process | Job,
  imageReference: string,
  more: Partial<ObservedInstance> = {},
): ObservedInstance {
  const { identity, image, settings, fileHashes } = identityOf(workload, imageReference);
  return {
    id: `${workload.name}-0`,
    kind: workload.kind,
    workload: workload.name,
    service: workload.service,
    ordinal: 0,
    identity,
    ...(workload.kind === 'process' && workload.surroundings ? { surroundings: workload.surroundings } : {}),
    image,
    settings,
    files: Object.fromEntries(workload.files.map((file) => [file.path, file.content])),
    fileHashes,
    state: 'running',
    health: 'healthy',
    startedAt: undefined,
    exitCode: undefined,
    detail: undefined,
    ...more,
  };
}

function applyStep(world: World, step: InstanceStep): void {
  switch (step.kind) {
    case 'image.build':
      check(
        step.args.image.parents.every((parent) => world.images.includes(world.imageOf[parent] as string)),
        step,
      );
      world.images.push(step.args.image.reference);
      break;
    case 'network.create':
      check(!world.networks.some((network) => network.name === step.args.network.name), step);
      world.networks.push({
        name: step.args.network.name,
        subnet: step.args.network.subnet,
        nat: step.args.network.nat ?? true,
      });
      break;
    case 'network.remove':
      world.networks = world.networks.filter((network) => network.name !== step.args.name);
      break;
    case 'volume.create':
      world.volumes.push(step.args.volume);
      break;
    case 'volume.remove':
      world.volumes = world.volumes.filter((volume) => volume !== step.args.volume);
      break;
    case 'instance.start':
      startInstance(world, step, step.args);
      break;
    case 'instance.wait':
      findInstance(world, step, (one) => isInstance(one, step.args)).health = 'healthy';
      findInstance(world, step, (one) => isInstance(one, step.args)).state = 'running';
      break;
    case 'instance.reload':
      reloadInstance(world, step, step.args);
      break;
    case 'instance.restart': {
      const stopped = findInstance(world, step, (one) => one.id === step.args.instance);
      Object.assign(stopped, { state: 'running', health: 'starting', exitCode: undefined });
      break;
    }
    case 'instance.remove':
      findInstance(world, step, (one) => one.id === step.args.instance);
      world.instances = world.instances.filter((one) => one.id !== step.args.instance);
      break;
    case 'job.run':
      check(!world.instances.some((one) => one.kind === 'job' && one.workload === step.args.job.name), step);
      record(world, step, step.args.job.name, step.args.identity.identity);
      break;
    case 'task.run':
      record(world, step, step.args.task.name, step.args.identity);
      break;
  }
}

/** Refuses a job while an instance of an older release is there of a process that must be retired before it. */
function checkRetired(world: World, desired: Desired, step: StepOf<InstanceStepArgs, 'job.run'>): void {
  const { job } = step.args;
  const wanted = new Map(desired.processes.map((one) => [one.name, wantedIdentity(one, desired).identity]));
  const retired = ({ workload, service, kind }: ObservedInstance): boolean =>
    job.after.includes(`retired:${workload}`) ||
    (job.phase === 'contract' && kind === 'process' && service === job.service);
  check(
    world.instances.every((one) => !retired(one) || one.identity === wanted.get(one.workload)),
    step,
  );
}

type Wanted = { process: Process; ordinal: number; identity: Identity };

function isInstance(one: ObservedInstance, { process, ordinal, identity }: Wanted): boolean {
  return one.workload === process.name && one.ordinal === ordinal && one.identity === identity.identity;
}

function startInstance(world: World, step: InstanceStep, wanted: Wanted): void {
  const { process, ordinal } = wanted;
  const reference = world.imageOf[process.image] as string;
  check(world.images.includes(reference), step);
  check(world.networks.length > 0, step);
  check(
    process.volumes.every((mount) => world.volumes.includes(mount.volume)),
    step,
  );
  world.instances = world.instances.filter((one) => !(isInstance(one, wanted) && one.state === 'created'));
  check(!world.instances.some((one) => isInstance(one, wanted)), step);
  if (process.update === 'recreate') {
    check(!world.instances.some((one) => one.workload === process.name && one.ordinal === ordinal), step);
  }
  world.made += 1;
  world.instances.push(
    makeInstance(process, reference, { id: `made-${world.made}`, ordinal, health: 'starting' }),
  );
}

function reloadInstance(
  world: World,
  step: InstanceStep,
  args: { process: Process; instance: string },
): void {
  const instance = findInstance(world, step, (one) => one.id === args.instance);
  const fileHashes = fileHashesOf(args.process);
  for (const file of args.process.files.filter((one) => one.reloadable)) {
    instance.files[file.path] = file.content;
    instance.fileHashes[file.path] = fileHashes[file.path] as string;
  }
}

function record(world: World, step: InstanceStep, name: string, identity: string): void {
  check(
    world.instances.some((one) => one.workload === world.ledgerProcess && isServing(one)),
    step,
  );
  world.ledger[name] = identity;
}

function findInstance(
  world: World,
  step: InstanceStep,
  matches: (one: ObservedInstance) => boolean,
): ObservedInstance {
  const found = world.instances.find(matches);
  if (!found) throw new Error(`${step.id}: the instance is not there`);
  return found;
}

function check(holds: boolean, step: InstanceStep): void {
  if (!holds) throw new Error(`${step.id}: an engine would refuse this now`);
}
