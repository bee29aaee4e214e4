import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Desired } from '../../../src/model/desired.ts';
import type { Plan } from '../../../src/plan/step.ts';
import {
  desiredArbitrary,
  expectOrderly,
  interrupt,
  orderArbitrary,
} from '../../../src/plan/testing/arbitraries.ts';
import { planBundlesDown } from './down.ts';
import { planBundles } from './planner.ts';
import type { BundleStep } from './steps.ts';
import { applyToCluster, bundlesOf, type Cluster, makeCluster, observeCluster } from './testing/cluster.ts';

const fractionArbitrary = fc.double({ min: 0, max: 1, noNaN: true });
const runs = { numRuns: 300 };

function planFor(desired: Desired, cluster: Cluster): Plan<BundleStep> {
  return planBundles(desired, bundlesOf(desired), observeCluster(cluster, desired));
}

/** A wish on top of what another wish, perhaps interrupted, left behind. */
const situationArbitrary = fc
  .tuple(desiredArbitrary, desiredArbitrary, orderArbitrary, fractionArbitrary)
  .map(([before, desired, order, fraction]) => ({
    desired,
    cluster: applyToCluster(
      makeCluster(),
      before,
      interrupt(planFor(before, makeCluster()), order, fraction),
    ),
  }));

describe('planBundles', () => {
  it('leaves nothing to do once all its steps are done, in any order that its dependencies allow', () => {
    fc.assert(
      fc.property(situationArbitrary, orderArbitrary, ({ cluster, desired }, order) => {
        const reached = applyToCluster(cluster, desired, interrupt(planFor(desired, cluster), order, 1));
        expect(planFor(desired, reached).steps.map((step) => `${step.id}: ${step.cause}`)).toEqual([]);
      }),
      runs,
    );
  });

  it('leaves nothing to do after an interruption at any point and another run', () => {
    fc.assert(
      fc.property(situationArbitrary, orderArbitrary, fractionArbitrary, (situation, order, fraction) => {
        const { cluster, desired } = situation;
        const half = applyToCluster(cluster, desired, interrupt(planFor(desired, cluster), order, fraction));
        const reached = applyToCluster(half, desired, planFor(desired, half));
        expect(planFor(desired, reached).steps).toEqual([]);
      }),
      runs,
    );
  });

  it('names each step once, after all it depends on, with a cause, and destroys nothing', () => {
    fc.assert(
      fc.property(situationArbitrary, ({ cluster, desired }) => {
        expectOrderly(planFor(desired, cluster));
      }),
      runs,
    );
  });
});

describe('planBundlesDown', () => {
  it('leaves nothing but the namespace and claims, and not these either when data goes too', () => {
    fc.assert(
      fc.property(situationArbitrary, fc.boolean(), ({ cluster, desired }, volumes) => {
        const observed = observeCluster(cluster, desired);
        const down = planBundlesDown(bundlesOf(desired), observed, {
          cloud: 'demo',
          volumes,
          order: desired,
        });
        const left = Object.values(applyToCluster(cluster, desired, down).objects).map(({ ref }) => ref.kind);
        expect(
          left.filter((kind) => volumes || !['Namespace', 'PersistentVolumeClaim'].includes(kind)),
        ).toEqual([]);
        expect(volumes || down.steps.every((step) => !step.destroys)).toBe(true);
      }),
      runs,
    );
  });
});
