import { describe, expect, test } from 'vitest';
import type { Desired } from '../model/desired.ts';
import { jobPhases } from '../model/workload.ts';
import { plan } from './planner.ts';
import { applyPlan, makeWorld, observeWorld, type World } from './testing/simulator.ts';
import { makeDesired, makeImage, makeJob, makeMariadb, makeProcess } from './testing/workloads.ts';

/** A cloud whose one service changes its schema in phases; a release is another image. */
function cloudOf(hash: string, processes = ['nova-api', 'nova-conductor']): Desired {
  return makeDesired({
    images: [makeImage('base'), makeImage('nova', hash)],
    processes: [
      makeMariadb(),
      ...processes.map((name) => makeProcess(name, { image: 'nova', after: ['job:nova-expand'] })),
    ],
    jobs: jobPhases.map((phase) => makeJob(`nova-${phase}`, { image: 'nova', phase })),
  });
}

const planFor = (desired: Desired, world: World) => plan(desired, observeWorld(world));
const older = cloudOf('111111111111');
const newer = cloudOf('222222222222');
const upOf = (desired: Desired): World => applyPlan(makeWorld(), desired, planFor(desired, makeWorld()));

describe('an upgrade in phases', () => {
  test('expands, migrates, and contracts once nothing of the older release is left', () => {
    const { steps } = planFor(newer, upOf(older));
    const at = (id: string) => steps.findIndex((step) => step.id === id);
    expect(at('job.run nova-expand')).toBeLessThan(at('job.run nova-migrate'));
    const contract = steps.find(({ id }) => id === 'job.run nova-contract');
    expect(contract?.dependsOn).toEqual(
      expect.arrayContaining([
        'job.run nova-migrate',
        'instance.wait nova-api.0',
        'instance.remove nova-api.0',
        'instance.remove nova-conductor.0',
      ]),
    );
  });

  test('contracts after the end of a process that the newer release has no more', () => {
    const { steps } = planFor(cloudOf('222222222222', ['nova-api']), upOf(older));
    const contract = steps.find(({ id }) => id === 'job.run nova-contract');
    expect(contract?.dependsOn).toContain('instance.remove nova-conductor.0');
  });

  test('is gone on with, wherever it was interrupted, by what is left of it', () => {
    const { steps } = planFor(newer, upOf(older));
    for (let done = 0; done <= steps.length; done += 1) {
      const half = applyPlan(upOf(older), newer, { steps: steps.slice(0, done) });
      const left = planFor(newer, half);
      const finished = new Set(steps.slice(0, done).map(({ id }) => id));
      expect(left.steps.filter(({ kind, id }) => kind === 'job.run' && finished.has(id))).toEqual([]);
      const reached = applyPlan(half, newer, left);
      expect(planFor(newer, reached).steps).toEqual([]);
    }
  });

  test('of a cloud that is new runs all phases', () => {
    const ids = planFor(newer, makeWorld()).steps.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(jobPhases.map((phase) => `job.run nova-${phase}`)));
  });
});
