import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDown } from './down.ts';
import { isServing } from './instances.ts';
import { plan } from './planner.ts';
import type { Plan, Step } from './step.ts';
import { desiredArbitrary, expectOrderly, interrupt, orderArbitrary } from './testing/arbitraries.ts';
import { applyPlan, essenceOf, makeWorld, observeWorld, type World } from './testing/simulator.ts';

/** A wish on top of the world that another wish, perhaps interrupted and hurt, left behind. */
const situationArbitrary = fc
  .record({
    before: fc.option(desiredArbitrary, { nil: undefined }),
    priorities: orderArbitrary,
    fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    hurts: fc.array(fc.record({ index: fc.nat(), how: fc.nat(3) }), { maxLength: 3 }),
    desired: desiredArbitrary,
  })
  .map(({ before, priorities, fraction, hurts, desired }) => {
    let world = makeWorld();
    if (before) {
      const first = plan(before, observeWorld(world));
      world = applyPlan(world, before, interrupt(first, priorities, fraction < 0.5 ? fraction * 2 : 1));
    }
    for (const { index, how } of hurts) hurt(world, index, how);
    return { world: { ...world, ledgerProcess: 'mariadb' }, desired };
  });

function hurt(world: World, index: number, how: number): void {
  const instance = world.instances[index % Math.max(1, world.instances.length)];
  if (!instance) return;
  const ways = [
    { state: 'exited' as const, health: 'none' as const, exitCode: 137 },
    { state: 'restarting' as const, health: 'starting' as const, exitCode: 1 },
    { health: 'unhealthy' as const, detail: 'no answer' },
    { state: 'created' as const, health: 'none' as const },
  ];
  Object.assign(instance, ways[how]);
}

const runs = { numRuns: 300 };

describe('plan', () => {
  it('leaves nothing to do once all its steps are done, in any order that its dependencies allow', () => {
    fc.assert(
      fc.property(situationArbitrary, orderArbitrary, ({ world, desired }, order) => {
        const steps = interrupt(plan(desired, observeWorld(world)), order, 1);
        const reached = applyPlan(world, desired, steps);
        expect(plan(desired, observeWorld(reached)).steps.map((step) => `${step.id}: ${step.cause}`)).toEqual(
          [],
        );
      }),
      runs,
    );
  });

  it('reaches the same state after an interruption at any point', () => {
    fc.assert(
      fc.property(
        situationArbitrary,
        orderArbitrary,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ world, desired }, order, fraction) => {
          const whole = plan(desired, observeWorld(world));
          const interrupted = applyPlan(world, desired, interrupt(whole, order, fraction));
          const resumed = applyPlan(interrupted, desired, plan(desired, observeWorld(interrupted)));
          expect(essenceOf(resumed)).toEqual(essenceOf(applyPlan(world, desired, whole)));
        },
      ),
      runs,
    );
  });

  it('names each step once, after all it depends on, with a cause, and destroys nothing', () => {
    fc.assert(
      fc.property(situationArbitrary, ({ world, desired }) => {
        expectOrderly(plan(desired, observeWorld(world)));
      }),
      runs,
    );
  });

  it('does not depend on the order of what it is given', () => {
    fc.assert(
      fc.property(situationArbitrary, ({ world, desired }) => {
        const observed = observeWorld(world);
        const backwards = {
          ...desired,
          images: [...desired.images].reverse(),
          networks: [...desired.networks].reverse(),
          processes: [...desired.processes].reverse(),
          jobs: [...desired.jobs].reverse(),
        };
        const turned = plan(backwards, { ...observed, instances: [...observed.instances].reverse() });
        expect(withSortedDependencies(turned)).toEqual(withSortedDependencies(plan(desired, observed)));
      }),
      runs,
    );
  });

  it('never leaves a rolling process that answers without an instance that answers', () => {
    fc.assert(
      fc.property(situationArbitrary, orderArbitrary, ({ world, desired }, order) => {
        const { steps } = interrupt(plan(desired, observeWorld(world)), order, 1);
        if (steps.some((step) => step.kind === 'network.remove')) return;
        const rolling = desired.processes.filter((process) => process.update === 'rolling');
        const serving = (one: World, name: string) =>
          one.instances.some((instance) => instance.workload === name && isServing(instance));
        const answered = rolling.filter((process) => serving(world, process.name));
        let current = world;
        for (const step of steps) {
          current = applyPlan(current, desired, { steps: [step] });
          for (const { name } of answered)
            expect(serving(current, name), `${name} after ${step.id}`).toBe(true);
        }
      }),
      runs,
    );
  });
});

describe('planDown', () => {
  it('leaves no instance and no network, and volumes unless asked', () => {
    fc.assert(
      fc.property(situationArbitrary, fc.boolean(), ({ world, desired }, volumes) => {
        const down = planDown(observeWorld(world), { cloud: 'demo', volumes, order: desired });
        const reached = applyPlan(world, desired, down);
        expect(reached.instances).toEqual([]);
        expect(reached.networks).toEqual([]);
        expect(reached.volumes).toEqual(volumes ? [] : world.volumes);
        expect(
          down.steps.filter((step) => step.destroys).every((step) => step.kind === 'volume.remove'),
        ).toBe(true);
      }),
      runs,
    );
  });
});

function withSortedDependencies({ steps }: Plan): Step[] {
  return steps.map((step) => ({ ...step, dependsOn: [...step.dependsOn].sort() }));
}
