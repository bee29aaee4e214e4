import type { Desired } from '../model/desired.ts';
import type { Observed, ObservedInstance } from '../model/observed.ts';
import type { Ref } from '../model/workload.ts';
import { nameOf, orderDependents } from './dependencies.ts';
import { sortByDependencies } from './graph.ts';
import { type InstanceStep, makeStep } from './instance-steps.ts';
import { DEFAULT_GRACE_SECONDS, removeInstances } from './instances.ts';
import type { Plan } from './step.ts';

/** As much of what is desired as orders the removal of what runs. */
export type RemovalOrder = Pick<Desired, 'processes' | 'jobs' | 'tasks'>;

export interface DownOptions {
  cloud: string;
  /** Remove the volumes too: their data is lost. */
  volumes: boolean;
  /** Known where cloud.yaml still loads; without it everything stops at once. */
  order?: RemovalOrder;
}

/** The steps that take a cloud down: dependents before what they depend on, then networks, volumes if asked. */
export function planDown(observed: Observed, options: DownOptions): Plan<InstanceStep> {
  const cause = 'the cloud is taken down';
  const instances = removeAll(observed.instances, cause, options.order);
  const dependsOn = instances.map((step) => step.id);
  const networks = observed.networks.map(({ name }) =>
    makeStep('network.remove', {
      subject: name,
      resource: name,
      group: 'networks',
      cause,
      dependsOn,
      args: { name },
    }),
  );
  const volumes = options.volumes ? observed.volumes : [];
  const steps: InstanceStep[] = [
    ...instances,
    ...networks,
    ...volumes.map((volume) =>
      makeStep('volume.remove', {
        subject: volume,
        resource: volume,
        group: 'volumes',
        cause: 'the cloud is taken down with its data',
        dependsOn,
        destroys: true,
        args: { volume },
      }),
    ),
  ];
  return { cloud: options.cloud, steps: sortByDependencies(steps) };
}

/** Removal of all these instances, dependents first as far as the order is known. */
export function removeAll(
  instances: ObservedInstance[],
  cause: string,
  order: RemovalOrder = { processes: [], jobs: [], tasks: [] },
  before: readonly string[] = [],
): InstanceStep[] {
  const users = usersByProcess(order);
  const processes = new Map(order.processes.map((process) => [process.name, process]));
  const names = [...new Set(instances.map((instance) => `${instance.kind}:${instance.workload}` as Ref))];
  const byName = new Map(
    names.map((name) => {
      const process = processes.get(nameOf(name));
      const removals = removeInstances(
        instances
          .filter((instance) => `${instance.kind}:${instance.workload}` === name)
          .map((instance) => ({ instance, cause })),
        process?.stop.graceSeconds ?? DEFAULT_GRACE_SECONDS,
        before,
      );
      if (process?.farewell) for (const { args } of removals) args.farewell = process.farewell;
      return [name, removals];
    }),
  );
  for (const [name, steps] of byName) {
    const first = (users.get(name) ?? []).flatMap((user) => byName.get(user) ?? []);
    for (const step of steps) step.dependsOn.push(...first.map((removal) => removal.id));
  }
  return [...byName.values()].flat();
}

/** For each process, the processes and jobs that need it, also through jobs and tasks in between. */
export function usersByProcess(order: RemovalOrder): Map<Ref, Ref[]> {
  const needs = new Map<Ref, Set<Ref>>();
  const users = new Map<Ref, Ref[]>();
  for (const { id, dependsOn } of orderDependents(order)) {
    const all = new Set(dependsOn.flatMap((ref) => [ref, ...(needs.get(ref) ?? [])]));
    needs.set(id, all);
    for (const ref of all) users.set(ref, [...(users.get(ref) ?? []), id]);
  }
  return users;
}
