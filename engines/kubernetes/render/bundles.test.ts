import { describe, expect, test } from 'vitest';
import { wantedIdentity } from '../../../src/plan/identity.ts';
import { fakeSecret } from '../../../test/contract/cloud.ts';
import { Label } from '../names.ts';
import { objectKey } from '../plan/bundle.ts';
import { renderBundles } from './bundles.ts';
import { renderCleanPod } from './clean.ts';
import { renderJobObjects } from './job.ts';
import { type AnyManifest, cluster, podOf, renderDesiredCloud } from './testing/cluster.ts';

const desired = await renderDesiredCloud();
const bundles = renderBundles(desired, cluster);
const jobs = desired.jobs.map((job) => renderJobObjects(job, wantedIdentity(job, desired), desired, cluster));
const all = [
  ...bundles.flatMap(({ objects }) => objects),
  ...jobs.flat(),
  renderCleanPod('node-1', desired, cluster),
];
const withPods = [...bundles.slice(1).map(({ objects }) => objects), ...jobs];

describe('all objects of a cloud', () => {
  test('have keys of their own', () => {
    const keys = all.map(({ ref }) => objectKey(ref));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test('say what they are in the reference and in the manifest alike, and whose they are', () => {
    for (const { ref, manifest } of all) {
      const { apiVersion, kind, metadata }: AnyManifest = manifest;
      expect({ apiVersion, kind, name: metadata.name, namespace: metadata.namespace }).toEqual(ref);
      expect(metadata.labels).toMatchObject({ [Label.cloud]: 'test', [Label.managedBy]: 'gantry' });
    }
  });

  test('show secrets in Secrets only', () => {
    const secret = fakeSecret('').split('/')[0] as string;
    const shown = all.filter(({ ref, manifest }) =>
      ref.kind === 'Secret' ? false : JSON.stringify(manifest).includes(secret),
    );
    expect(shown.map(({ ref }) => objectKey(ref))).toEqual([]);
  });

  test('have names and labels that Kubernetes takes', () => {
    for (const { ref, manifest } of all) {
      expect(ref.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      // Controllers add a hash to the names of pods, which are host names of at most 63 characters.
      expect(ref.name.length).toBeLessThanOrEqual(ref.kind === 'Secret' ? 253 : 46);
      for (const value of Object.values((manifest as AnyManifest).metadata.labels)) {
        expect(value).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
      }
    }
  });

  test('use only the API versions that all supported versions of Kubernetes have', () => {
    expect([...new Set(all.map(({ ref }) => ref.apiVersion))].sort()).toEqual([
      'apps/v1',
      'batch/v1',
      'networking.k8s.io/v1',
      'v1',
    ]);
  });
});

describe('pods', () => {
  test('are found by the selectors of their controllers and services', () => {
    for (const { objects } of bundles.slice(1)) {
      const { labels } = podOf(objects).metadata;
      for (const { manifest } of objects) {
        const { spec = {} }: AnyManifest = manifest;
        const selector = spec.podSelector?.matchLabels ?? spec.selector?.matchLabels ?? spec.selector ?? {};
        const { 'statefulset.kubernetes.io/pod-name': pod, ...given } = selector;
        expect(labels).toMatchObject(given);
        if (pod)
          expect(objects.map(({ ref }) => `${ref.kind} ${ref.name}-0`)).toContain(`StatefulSet ${pod}`);
      }
    }
  });

  test('mount what there is, and all of it', () => {
    for (const objects of withPods) {
      const { spec } = podOf(objects);
      const claims = objects.flatMap(({ manifest }) =>
        ((manifest as AnyManifest).spec?.volumeClaimTemplates ?? []).map((one: AnyManifest) => one.metadata),
      );
      const there = [...spec.volumes, ...claims].map(({ name }) => name).sort();
      const mounted = spec.containers[0].volumeMounts.map(({ name }: AnyManifest) => name).sort();
      expect(mounted).toEqual(there);
    }
  });

  test('read Secrets and claims that are there', () => {
    const names = new Set(all.map(({ ref }) => objectKey(ref)));
    for (const objects of withPods) {
      for (const { projected, persistentVolumeClaim } of podOf(objects).spec.volumes) {
        for (const { secret } of projected?.sources ?? []) expect(names).toContain(`Secret/${secret.name}`);
        if (persistentVolumeClaim) {
          expect(names).toContain(`PersistentVolumeClaim/${persistentVolumeClaim.claimName}`);
        }
      }
    }
  });

  test('are not privileged, get no token, and start from nothing but their capabilities', () => {
    for (const objects of withPods) {
      const { spec } = podOf(objects);
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
      for (const { securityContext } of [...spec.containers, ...(spec.initContainers ?? [])]) {
        expect(securityContext.privileged).toBeUndefined();
        expect(securityContext.capabilities.drop).toEqual(['ALL']);
      }
    }
  });

  test('take images by the secrets that are named, and stay as they are when those change', () => {
    const changed = renderBundles(desired, { ...cluster, imagePullSecrets: ['ours', 'theirs'] }).flatMap(
      (bundle) => bundle.objects,
    );
    const before = new Set(all.map((object) => JSON.stringify(object)));
    const different = changed.filter((object) => !before.has(JSON.stringify(object)));
    expect(different.map(({ ref }) => objectKey(ref))).toEqual(['ServiceAccount/gantry']);
    expect(different[0]?.manifest).toMatchObject({
      imagePullSecrets: [{ name: 'ours' }, { name: 'theirs' }],
    });
  });

  test('stay as they are when instances or nodes are added', async () => {
    const names = desired.processes.filter(({ replicas }) => replicas === 1).map(({ name }) => name);
    const scalable = ['glance-api', 'keystone-api', 'nova-api', 'nova-conductor', 'neutron-api'];
    expect(names).toEqual(expect.arrayContaining(scalable));
    const replicas = Object.fromEntries(scalable.map((name) => [name, 5]));
    const scaled = renderBundles(await renderDesiredCloud({ config: { replicas } }), {
      ...cluster,
      controlNodes: [...cluster.controlNodes, 'node-4'],
    });
    for (const name of scalable) {
      const [before, after] = [bundles, scaled].map((list) => list.find((one) => one.name === name));
      expect(podOf(after?.objects ?? [])).toEqual(podOf(before?.objects ?? []));
    }
  });
});
