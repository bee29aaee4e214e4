import type { Desired } from '../../model/desired.ts';
import type { Observed, ObservedInstance } from '../../model/observed.ts';
import type { Process } from '../../model/workload.ts';
import { plan } from '../planner.ts';
import { applyPlan, makeWorld, observeWorld } from './simulator.ts';
import {
  makeDesired,
  makeFile,
  makeImage,
  makeJob,
  makeMariadb,
  makeProcess,
  makeTask,
  observeNothing,
} from './workloads.ts';

/** Of the image that all workloads of this cloud are made from. */
export const reference = makeImage('base').reference;
const config = (limit: number) =>
  `[DEFAULT]\ndebug = false\n[api]\nmax_limit = ${limit}\npassword = hush-hush\n`;

/** nova-api with a limit in its configuration. */
export function makeApi(limit: number, more: Partial<Process> = {}): Process {
  return makeProcess('nova-api', {
    files: [makeFile('/etc/gantry/nova.conf', config(limit), { secret: true })],
    after: ['job:nova-db-sync'],
    ...more,
  });
}

/** A small cloud with a database, an API, a job and a task. */
export function makeCloud(more: Partial<Desired> = {}): Desired {
  return makeDesired({
    processes: [makeMariadb(), makeApi(1000)],
    jobs: [makeJob('nova-db-sync', { after: ['process:mariadb'] })],
    tasks: [makeTask('register', { after: ['process:nova-api'] })],
    ...more,
  });
}

/** What is observed once this cloud is up. */
export function observeUp(desired: Desired): Observed {
  const nothing = makeWorld();
  return observeWorld(applyPlan(nothing, desired, plan(desired, observeNothing())));
}

/** The cloud up, with these changes to the instance of nova-api. */
export function observeApi(changes: Partial<ObservedInstance>): Observed {
  const observed = observeUp(makeCloud());
  for (const one of observed.instances) if (one.workload === 'nova-api') Object.assign(one, changes);
  return observed;
}

/** The plan as one line a step: what, and why. */
export function stepsOf(desired: Desired, observed: Observed): string[] {
  return plan(desired, observed).steps.map((step) => `${step.id}: ${step.cause}`);
}
