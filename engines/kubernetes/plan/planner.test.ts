import { describe, expect, it } from 'vitest';
import type { Desired } from '../../../src/model/desired.ts';
import { formatPlan } from '../../../src/plan/format.ts';
import {
  makeDesired,
  makeFile,
  makeImage,
  makeJob,
  makeMariadb,
  makeProcess,
} from '../../../src/plan/testing/workloads.ts';
import type { ObservedBundles } from './bundle.ts';
import { planBundlesDown } from './down.ts';
import { planBundles } from './planner.ts';
import { applyToCluster, bundlesOf, makeCluster, observeCluster } from './testing/cluster.ts';

function cloud(limit = 1, replicas = 1): Desired {
  return makeDesired({
    images: [makeImage('base'), makeImage('nova', 'bbbbbbbbbbbb', ['base'])],
    processes: [
      makeMariadb(),
      makeProcess('nova-api', {
        image: 'nova',
        replicas,
        files: [makeFile('/etc/gantry/nova.conf', `[api]\nmax_limit = ${limit}\n`)],
        after: ['job:nova-schema'],
      }),
    ],
    jobs: [makeJob('nova-schema', { image: 'nova', after: ['process:mariadb'] })],
  });
}

const nothing = makeCluster();

function reached(desired: Desired) {
  return applyToCluster(
    nothing,
    desired,
    planBundles(desired, bundlesOf(desired), observeCluster(nothing, desired)),
  );
}

function textOf(desired: Desired, observed: ObservedBundles): string {
  return formatPlan(planBundles(desired, bundlesOf(desired), observed));
}

describe('a plan on a cluster', () => {
  it('begins with images, and shows what waits for what by its order', () => {
    expect(textOf(cloud(), observeCluster(nothing, cloud()))).toMatchInlineSnapshot(`
      "images
        +   base         neither in the registry nor built
        +   nova         neither in the registry nor built

      cloud
        +   cloud        new

      mariadb
        +   mariadb      new

      nova
        >   nova-schema  not known to have succeeded: the database is not there yet
        +   nova-api     new

      Plan: 5 to create, 0 to replace, 0 to destroy, 1 to run.
      "
    `);
  });

  describe('where an address outlives its process', () => {
    const desired = cloud();
    const bundles = bundlesOf(desired).map((bundle) => {
      if (bundle.name !== 'mariadb') return bundle;
      const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'demo', name: 'mariadb' };
      return { ...bundle, objects: [...bundle.objects, { ref, manifest: {}, outlives: true }] };
    });
    const service = 'Service/mariadb';
    const observe = (others: 'same' | 'absent'): ObservedBundles => {
      const observed = observeCluster(reached(desired), desired);
      const objects = Object.keys(observed.objects).map((key) => [key, { state: others }]);
      return { ...observed, objects: { ...Object.fromEntries(objects), [service]: { state: 'same' } } };
    };

    it('stays when the cloud is taken down, unless the data goes too', () => {
      const removed = (volumes: boolean) =>
        planBundlesDown(bundles, observe('same'), { cloud: 'demo', volumes, order: desired })
          .steps.filter(({ resource }) => resource === 'mariadb')
          .flatMap((step) => (step.kind === 'bundle.remove' ? step.args.objects : []))
          .map(({ kind }) => kind);
      expect(removed(false)).toEqual(['Deployment', 'Secret', 'Secret']);
      expect(removed(true)).toEqual(['Deployment', 'Secret', 'Secret', 'Service']);
      const nothingLeft = planBundlesDown(bundles, observe('absent'), {
        cloud: 'demo',
        volumes: false,
        order: desired,
      });
      expect(nothingLeft.steps).toEqual([]);
    });

    it('is there already when the process is new', () => {
      const { steps } = planBundles(desired, bundles, { ...observe('absent'), rollouts: {} });
      const apply = steps.find(({ id }) => id === 'bundle.apply mariadb');
      expect(apply).toMatchObject({ cause: 'new', change: 'create' });
    });
  });

  describe('where a job comes after the end of what ran before', () => {
    const phased = (hash: string): Desired =>
      makeDesired({
        images: [makeImage('base'), makeImage('nova', hash)],
        processes: [makeMariadb(), makeProcess('nova-api', { image: 'nova' })],
        jobs: [makeJob('nova-contract', { image: 'nova', phase: 'contract' })],
      });
    const [older, newer] = [phased('111111111111'), phased('222222222222')];
    const find = (desired: Desired, observed: ObservedBundles, id: string) =>
      planBundles(desired, bundlesOf(desired), observed).steps.find((step) => step.id === id);

    it('waits for pods that are being stopped once the new ones are ready', () => {
      const observed = observeCluster(reached(older), newer);
      expect(find(newer, observed, 'bundle.retire nova-api')?.dependsOn).toContain('bundle.wait nova-api');
      expect(find(newer, observed, 'job.run nova-contract')?.dependsOn).toContain('bundle.retire nova-api');
    });

    it('waits for them too where an interrupted run had the new ones ready already', () => {
      const observed = { ...observeCluster(reached(newer), newer), ledger: {} };
      expect(find(newer, observed, 'bundle.wait nova-api')).toBeUndefined();
      expect(find(newer, observed, 'job.run nova-contract')?.dependsOn).toContain('bundle.retire nova-api');
    });

    it('waits for nothing where none was there, or no job runs', () => {
      const { steps } = planBundles(newer, bundlesOf(newer), observeCluster(nothing, newer));
      expect(steps.map(({ id }) => id)).toContain('job.run nova-contract');
      expect(steps.map(({ kind }) => kind)).not.toContain('bundle.retire');
      const same = observeCluster(reached(newer), newer);
      expect(planBundles(newer, bundlesOf(newer), same).steps).toEqual([]);
    });
  });

  it('is empty where nothing differs', () => {
    expect(planBundles(cloud(), bundlesOf(cloud()), observeCluster(reached(cloud()), cloud())).steps).toEqual(
      [],
    );
  });

  it('names the option that changed, and removes the old configuration once nothing runs with it', () => {
    const observed = observeCluster(reached(cloud(1)), cloud(2));
    const files = { '/etc/gantry/nova.conf': '[api]\nmax_limit = 1\n' };
    const rollout = { ...observed.rollouts['nova-api'], files } as ObservedBundles['rollouts'][string];
    const text = textOf(cloud(2), { ...observed, rollouts: { ...observed.rollouts, 'nova-api': rollout } });
    expect(text).toMatchInlineSnapshot(`
      "nova
        -/+ nova-api            config of nova-api changed: [api] max_limit; Deployment nova-api: spec.replicas differs
        -   nova-api leftovers  an earlier version of it is no longer used

      Plan: 0 to create, 1 to replace, 1 to destroy.
      "
    `);
  });

  it('replaces what serves a few at a time', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const many = (command: string) =>
      makeDesired({
        processes: [makeMariadb(), ...names.map((name) => makeProcess(name, { command: [command] }))],
      });
    const observed = observeCluster(reached(many('old')), many('new'));
    const { steps } = planBundles(many('new'), bundlesOf(many('new')), observed);
    const find = (id: string) => steps.find((step) => step.id === id)?.dependsOn;
    const applied = names.map((name) => find(`bundle.apply ${name}`));
    expect(applied).toEqual([[], [], [], ['bundle.wait a'], ['bundle.wait b']]);
  });

  it('replaces what has copies on a device each one after another', () => {
    const names = ['disk-1', 'disk-2', 'disk-3'];
    const many = (command: string) =>
      makeDesired({
        processes: [
          makeMariadb(),
          ...names.map((name) => makeProcess(name, { instanceOf: 'disk', command: [command] })),
        ],
      });
    const observed = observeCluster(reached(many('old')), many('new'));
    const { steps } = planBundles(many('new'), bundlesOf(many('new')), observed);
    const applied = names.map((name) => steps.find(({ id }) => id === `bundle.apply ${name}`)?.dependsOn);
    expect(applied).toEqual([[], ['bundle.wait disk-1'], ['bundle.wait disk-2']]);
  });

  it('changes in place what needs no new pods, and names who else claims a field', () => {
    const observed = observeCluster(reached(cloud()), cloud(1, 3));
    const conflicts = [{ field: 'spec.replicas', owner: 'kubectl-edit' }];
    observed.objects['Deployment/nova-api'] = { state: 'changed', fields: ['spec.replicas'], conflicts };
    expect(textOf(cloud(1, 3), observed)).toMatchInlineSnapshot(`
      "nova
        ~   nova-api  Deployment nova-api: spec.replicas differs; spec.replicas is claimed by kubectl-edit

      Plan: 0 to create, 0 to replace, 0 to destroy, 1 to change.
      "
    `);
  });

  it('gives nodes their roles first where none has any', () => {
    const observed = observeCluster(reached(cloud()), cloud());
    observed.nodes = [{ name: 'node-1', roles: ['control', 'compute'], ready: true, unlabelled: true }];
    expect(textOf(cloud(), observed)).toMatchInlineSnapshot(`
      "nodes
        ~   node-1  no node has a role yet: it becomes a control, compute node

      Plan: 0 to create, 0 to replace, 0 to destroy, 1 to change.
      "
    `);
  });

  describe('where a volume is to have another size', () => {
    const ref = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: 'test',
      name: 'data-mariadb-0',
    };
    const resize = {
      ...{ volume: 'data', ref, bundle: 'mariadb', from: '20Gi', to: '50Gi' },
      ofService: false,
      obstacle: undefined,
    };
    const observe = (...resizes: ObservedBundles['resizes']): ObservedBundles => ({
      ...observeCluster(reached(cloud()), cloud()),
      resizes,
    });

    it('lets it grow before what uses it is applied, and replaces no pods', () => {
      const observed = observe(resize);
      observed.objects['StatefulSet/mariadb'] = { state: 'immutable', fields: ['spec'], conflicts: [] };
      const bundles = bundlesOf(cloud());
      bundles
        .find(({ name }) => name === 'mariadb')
        ?.objects.push({
          ref: { ...ref, apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'mariadb' },
          manifest: {},
        });
      const plan = planBundles(cloud(), bundles, observed);
      expect(formatPlan(plan)).toMatchInlineSnapshot(`
        "mariadb
          ~   data-mariadb-0  from 20Gi to 50Gi
          ~   mariadb         StatefulSet mariadb: spec cannot be changed in place; it is made anew, and its pods stay

        Plan: 0 to create, 0 to replace, 0 to destroy, 2 to change.
        "
      `);
      expect(plan.steps.find(({ kind }) => kind === 'bundle.apply')?.dependsOn).toContain(
        'claim.grow data-mariadb-0',
      );
    });

    it('refuses to make it smaller', () => {
      const smaller = { ...resize, to: '10Gi', obstacle: 'smaller' as const };
      expect(() => textOf(cloud(), observe(smaller))).toThrow(
        expect.objectContaining({
          message: 'the volume data is 20Gi and cannot become 10Gi',
          next: 'Set kubernetes.volumeSizes.data in cloud.yaml to 20Gi or more.',
        }),
      );
    });

    it('says which class does not let it grow', () => {
      const rigid = { ...resize, obstacle: { storageClass: 'local' } };
      expect(() => textOf(cloud(), observe(rigid))).toThrow(
        expect.objectContaining({
          why: 'Its storage class local does not let volumes grow (allowVolumeExpansion). Of this size: data-mariadb-0.',
          next: expect.stringContaining('or set kubernetes.volumeSizes.data in cloud.yaml to 20Gi.'),
        }),
      );
      expect(() => textOf(cloud(), observe({ ...rigid, ofService: true }))).toThrow(
        expect.objectContaining({
          next: expect.stringContaining('or put back what cloud.yaml said of its size.'),
        }),
      );
    });
  });

  it('refuses to replace a volume claim', () => {
    const observed = observeCluster(reached(cloud()), cloud());
    observed.objects['PersistentVolumeClaim/shared'] = {
      state: 'immutable',
      fields: ['spec.storageClassName'],
      conflicts: [],
    };
    expect(() => textOf(cloud(), observed)).toThrow('holds data and cannot be changed in place');
  });
});
