import { describe, expect, it } from 'vitest';
import type { Desired } from '../../../src/model/desired.ts';
import { nodeRoles } from '../../../src/model/node-role.ts';
import type { Plan } from '../../../src/plan/step.ts';
import {
  makeDesired,
  makeImage,
  makeJob,
  makeMariadb,
  makeProcess,
} from '../../../src/plan/testing/workloads.ts';
import type { ObservedRollout } from './bundle.ts';
import { planBundlesDown } from './down.ts';
import { planBundles } from './planner.ts';
import type { BundleStep } from './steps.ts';
import { applyToCluster, bundlesOf, type Cluster, makeCluster, observeCluster } from './testing/cluster.ts';

const cloud: Desired = makeDesired({
  images: [
    makeImage('base'),
    makeImage('registry', 'cccccccccccc', ['base']),
    makeImage('nova', 'bbbbbbbbbbbb', ['base']),
  ],
  processes: [
    // The catalogue has them in the order of the alphabet: what needs the registry may come before it.
    makeMariadb({ image: 'nova' }),
    makeProcess('registry', { image: 'registry' }),
    makeProcess('registry-mirror', {
      image: 'registry',
      after: ['process:registry'],
      on: nodeRoles,
      spread: 'perNode',
      volumes: [{ volume: 'registry-mirror', path: '/data', scope: 'node' }],
    }),
  ],
  jobs: [makeJob('nova-schema', { image: 'nova', after: ['process:mariadb'] })],
  registry: { process: 'registry', pushPort: 4998, mirror: 'registry-mirror' },
});

function planFor(cluster: Cluster): Plan<BundleStep> {
  return planBundles(cloud, bundlesOf(cloud), observeCluster(cluster, cloud));
}

function needsOf({ steps }: Plan, id: string): string[] {
  const found = steps.find((step) => step.id === id);
  if (!found) throw new Error(`${id} is not planned`);
  return found.dependsOn;
}

describe('a registry inside the cluster', () => {
  const plan = planFor(makeCluster());

  it('is given to the nodes first, then runs, then gets the images', () => {
    expect(needsOf(plan, 'node.seed node-1')).toEqual(['bundle.apply cloud', 'image.build registry']);
    expect(needsOf(plan, 'bundle.apply registry')).toContain('node.seed node-1');
    expect(needsOf(plan, 'image.publish nova')).toEqual([
      'bundle.apply registry',
      'bundle.wait registry',
      'image.build nova',
    ]);
    // Into itself too, for nodes that lose it.
    expect(needsOf(plan, 'image.publish registry')).toContain('bundle.wait registry');
  });

  it('is what everything else waits for, with its mirrors', () => {
    for (const id of ['bundle.apply mariadb', 'job.run nova-schema']) {
      expect(needsOf(plan, id)).toEqual(
        expect.arrayContaining(['bundle.wait registry-mirror', 'image.publish nova']),
      );
    }
    const inRegistry = needsOf(plan, 'bundle.apply registry-mirror');
    expect(inRegistry.filter((id) => id.startsWith('image.'))).toEqual([]);
  });

  it('leaves nothing to do once it is done', () => {
    expect(planFor(applyToCluster(makeCluster(), cloud, plan)).steps).toEqual([]);
  });

  it('gives its image to a node that lacks it, and changes nothing else', () => {
    const reached = applyToCluster(makeCluster(), cloud, plan);
    const { steps } = planFor({ ...reached, seeded: [] });
    expect(steps.map(({ id, cause }) => `${id}: ${cause}`)).toEqual([
      'node.seed node-1: it lacks the image of the registry',
    ]);
  });

  it('holds nothing back when a mirror is away or changes', () => {
    const reached = applyToCluster(makeCluster(), cloud, plan);
    const changed = { ...cloud, processes: cloud.processes.map((one) => ({ ...one, command: ['new'] })) };
    const observed = observeCluster(reached, changed);
    const away = { ready: false, detail: '1 of 2 ready' };
    const mirror = { ...(observed.rollouts['registry-mirror'] as ObservedRollout), ...away };
    const later = planBundles(changed, bundlesOf(changed), {
      ...observed,
      rollouts: { ...observed.rollouts, 'registry-mirror': mirror },
    });
    expect(needsOf(later, 'bundle.apply mariadb')).toEqual(['bundle.apply registry-mirror']);
  });

  it('keeps a copy on every node, control nodes too: it goes with the data', () => {
    const observed = observeCluster(applyToCluster(makeCluster(), cloud, plan), cloud);
    const nodes = [{ name: 'node-1', roles: ['control' as const], ready: true, unlabelled: false }];
    const down = (volumes: boolean) =>
      planBundlesDown(bundlesOf(cloud), { ...observed, nodes }, { cloud: 'demo', volumes, order: cloud });
    expect(down(true).steps.map(({ id }) => id)).toContain('node.clean node-1');
    expect(down(false).steps.map(({ id }) => id)).not.toContain('node.clean node-1');
  });

  it('goes with the data from a node too that was drained and lost its roles', () => {
    const observed = {
      ...observeCluster(applyToCluster(makeCluster(), cloud, plan), cloud),
      drained: ['node-2'],
    };
    const down = (volumes: boolean) =>
      planBundlesDown(bundlesOf(cloud), observed, { cloud: 'demo', volumes, order: cloud });
    expect(down(true).steps.map(({ id }) => id)).toContain('node.clean node-2');
    expect(down(false).steps.map(({ id }) => id)).not.toContain('node.clean node-2');
  });
});
