import fc from 'fast-check';
import { expect } from 'vitest';
import type { Desired, DesiredNetwork } from '../../model/desired.ts';
import { jobPhases, type Ref } from '../../model/workload.ts';
import type { Plan, Step } from '../step.ts';
import {
  makeDesired,
  makeFile,
  makeImage,
  makeJob,
  makeMariadb,
  makeProcess,
  makeTask,
} from './workloads.ts';

const names = ['a-api', 'b-api', 'c-agent', 'd-agent'];

/** Clouds over the same few names, so that two of them often share processes that differ a little. */
export const desiredArbitrary: fc.Arbitrary<Desired> = fc
  .record({
    processes: fc.array(
      fc.record({
        index: fc.nat(names.length - 1),
        replicas: fc.integer({ min: 1, max: 3 }),
        update: fc.constantFrom('rolling' as const, 'recreate' as const),
        config: fc.nat(2),
        reloadable: fc.nat(2),
        command: fc.nat(1),
        afterMask: fc.nat(),
      }),
      { maxLength: 4 },
    ),
    jobs: fc.array(fc.record({ index: fc.nat(2), command: fc.nat(1), afterMask: fc.nat() }), {
      maxLength: 3,
    }),
    task: fc.option(fc.nat(), { nil: undefined }),
    imageHash: fc.constantFrom('111111111111', '222222222222'),
    subnet: fc.constantFrom('10.0.0.0/24', '10.0.0.0/24', '10.9.0.0/24'),
    nat: fc.constantFrom(undefined, true, false),
    extraNetwork: fc.boolean(),
    mariadb: fc.nat(1),
    /** Which jobs change the schema of each service in phases, where any do. */
    phased: fc.option(fc.nat(1), { nil: undefined }),
    retired: fc.boolean(),
  })
  .map((choice) => {
    const refs: Ref[] = ['process:mariadb'];
    const pick = (mask: number) => refs.filter((_, index) => (mask >> index) & 1);
    const unique = <T extends { index: number }>(list: T[]) =>
      list.filter((one, at) => list.findIndex((other) => other.index === one.index) === at);
    const jobs = unique(choice.jobs).map((one) => {
      const job = makeJob(`job-${one.index}`, { command: [`${one.command}`], after: pick(one.afterMask) });
      refs.push(`job:${job.name}`);
      return job;
    });
    const tasks = choice.task === undefined ? [] : [makeTask('register', { after: pick(choice.task) })];
    if (tasks.length > 0) refs.push('task:register');
    const processes = unique(choice.processes).map((one) => {
      const name = names[one.index] as string;
      const process = makeProcess(name, {
        image: 'child',
        replicas: one.replicas,
        update: one.update,
        command: [`${one.command}`],
        files: [
          makeFile('/etc/gantry/a.conf', `[api]\nmax_limit = ${one.config}\n`),
          makeFile('/etc/gantry/live.cfg', `${one.reloadable}`, { reloadable: true }),
        ],
        after: pick(one.afterMask),
      });
      refs.push(`process:${name}`);
      return process;
    });
    for (const { service } of choice.phased === undefined ? [] : processes) {
      for (const phase of jobPhases)
        jobs.push(makeJob(`${service}-${phase}`, { phase, command: [`${choice.phased}`] }));
    }
    const last = processes.at(-1);
    if (choice.retired && last) {
      jobs.push(makeJob('farewell', { command: [last.command.join()], after: [`retired:${last.name}`] }));
    }
    const network: DesiredNetwork = {
      name: 'demo',
      role: 'internal',
      subnet: choice.subnet,
      gateway: '',
      ...(choice.nat === undefined ? {} : { nat: choice.nat }),
    };
    const networks = [network];
    if (choice.extraNetwork) networks.push({ ...network, name: 'extra', subnet: '10.1.0.0/24' });
    return makeDesired({
      images: [makeImage('base'), makeImage('child', choice.imageHash, ['base'])],
      networks,
      processes: [makeMariadb({ command: [`${choice.mariadb}`] }), ...processes],
      jobs,
      tasks,
    });
  });

/** In which of the orders that dependencies allow steps are done. */
export const orderArbitrary = fc.array(fc.nat(), { minLength: 64, maxLength: 64 });

/** Steps that a run could have done when it was interrupted: a down-closed part, in an order it could have had. */
export function interrupt<S extends Step>(
  { steps }: Plan<S>,
  priorities: number[],
  fraction: number,
): { steps: S[] } {
  const left = [...steps];
  const done: S[] = [];
  const finished = new Set<string>();
  while (done.length < Math.floor(steps.length * fraction)) {
    const free = left.filter((step) => step.dependsOn.every((id) => finished.has(id)));
    const step = free[(priorities[done.length % priorities.length] as number) % free.length] as S;
    left.splice(left.indexOf(step), 1);
    finished.add(step.id);
    done.push(step);
  }
  return { steps: done };
}

/** What holds of every plan but one that takes data away. */
export function expectOrderly({ steps }: Plan): void {
  const seen = new Set<string>();
  for (const step of steps) {
    for (const id of step.dependsOn) expect(seen).toContain(id);
    expect(seen).not.toContain(step.id);
    expect(step.cause).not.toBe('');
    expect(step.destroys).toBe(false);
    seen.add(step.id);
  }
}
