import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterApi, createClusterApi } from '../../engines/kubernetes/api.ts';
import { applyObject } from '../../engines/kubernetes/compare.ts';
import { readCluster } from '../../engines/kubernetes/facts.ts';
import { loadKubeConfig } from '../../engines/kubernetes/kubeconfig.ts';
import { renderBundles } from '../../engines/kubernetes/render/bundles.ts';
import { renderCleanPod } from '../../engines/kubernetes/render/clean.ts';
import { renderJobObjects } from '../../engines/kubernetes/render/job.ts';
import { renderDesiredCloud } from '../../engines/kubernetes/render/testing/cluster.ts';
import { objectPath } from '../../engines/kubernetes/resources.ts';
import { messageOf } from '../../src/errors.ts';
import { type DesiredObject, objectKey } from '../../src/model/bundle.ts';
import { openAnyCluster } from './test-cluster.ts';

const namespace = `gantry-manifests-${process.pid}`;
/** Where the others are: they are refused without these. */
const foundations = ['Namespace', 'ServiceAccount'];

describe('the API server takes', () => {
  let api: ClusterApi;
  let objects: DesiredObject[];

  let cluster: Awaited<ReturnType<typeof openAnyCluster>>;

  beforeAll(async () => {
    cluster = await openAnyCluster();
    api = createClusterApi(await loadKubeConfig(process.env, undefined));
    const { cluster: facts } = await readCluster(api, {
      cloud: 'test',
      namespace,
      registry: 'registry.example.org/cloud',
      storageClass: undefined,
      sharedStorageClass: 'shared',
      volumeSizes: {},
      frontDoor: 'nodes',
    });
    const replicas = { 'nova-api': 3, 'keystone-api': 3, memcached: 3 };
    const desired = await renderDesiredCloud({ config: { replicas, services: { registry: true } } });
    objects = [
      ...renderBundles(desired, facts).flatMap((bundle) => bundle.objects),
      ...desired.jobs.flatMap((job) => renderJobObjects(job, '0123456789ab', desired, facts)),
      renderCleanPod('node-1', desired, facts),
    ];
    for (const object of objects.filter(({ ref }) => foundations.includes(ref.kind))) {
      await applyObject(api, object, { force: true });
    }
  });

  afterAll(async () => {
    await api
      ?.request(
        'DELETE',
        objectPath({ apiVersion: 'v1', kind: 'Namespace', namespace: undefined, name: namespace }),
      )
      .finally(() => cluster.close());
  });

  test('every object of the catalogue, by its own schema and its own checks', async () => {
    const refused: string[] = [];
    for (const object of objects) {
      await applyObject(api, object, { force: false, dryRun: true }).catch((thrown: unknown) =>
        refused.push(`${objectKey(object.ref)}: ${messageOf(thrown)}`),
      );
    }
    expect(refused).toEqual([]);
    expect(objects.length).toBeGreaterThan(100);
  });

  test('nothing that it does not know', async () => {
    const deployment = objects.find(({ ref }) => ref.kind === 'Deployment') as DesiredObject;
    const manifest = structuredClone(deployment.manifest) as { spec: Record<string, unknown> };
    manifest.spec.replica = 1;
    await expect(
      applyObject(api, { ...deployment, manifest }, { force: false, dryRun: true }),
    ).rejects.toThrow(/replica/);
  });
});
