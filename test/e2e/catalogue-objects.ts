import type { ClusterApi } from '../../engines/kubernetes/api/client.ts';
import { applyObject } from '../../engines/kubernetes/observe/compare.ts';
import { readCluster } from '../../engines/kubernetes/observe/facts.ts';
import { type DesiredObject, objectKey } from '../../engines/kubernetes/plan/bundle.ts';
import { renderBundles } from '../../engines/kubernetes/render/bundles.ts';
import { renderCleanPod } from '../../engines/kubernetes/render/clean.ts';
import type { ClusterFacts } from '../../engines/kubernetes/render/cluster.ts';
import { renderJobObjects } from '../../engines/kubernetes/render/job.ts';
import { renderDesiredCloud } from '../../engines/kubernetes/render/testing/cluster.ts';
import { messageOf } from '../../src/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import { wantedIdentity } from '../../src/plan/identity.ts';

/** The whole catalogue as it is wanted on a cluster, with what only several nodes have. */
export interface CatalogueOnCluster {
  desired: Desired;
  facts: ClusterFacts;
}

export async function readCatalogue(api: ClusterApi, namespace: string): Promise<CatalogueOnCluster> {
  const { cluster: facts } = await readCluster(api, {
    cloud: 'test',
    namespace,
    registry: 'registry.example.org/cloud',
    storageClass: undefined,
    sharedStorageClass: 'shared',
    volumeSizes: {},
    imagePullSecrets: [],
    frontDoor: 'nodes',
  });
  const replicas = { 'nova-api': 3, 'keystone-api': 3, memcached: 3 };
  const desired = await renderDesiredCloud({ config: { replicas, services: { registry: true } } });
  return { desired, facts };
}

/** Every object of it: those of processes and of what they share, of jobs, and the pod that cleans a node. */
export function renderCatalogue({ desired, facts }: CatalogueOnCluster): DesiredObject[] {
  return [
    ...renderBundles(desired, facts).flatMap((bundle) => bundle.objects),
    ...desired.jobs.flatMap((job) => renderJobObjects(job, wantedIdentity(job, desired), desired, facts)),
    renderCleanPod('node-1', desired, facts),
  ];
}

/** Applies the objects, or asks only whether they would be taken; resolves to why some are not. */
export async function refusals(
  api: ClusterApi,
  objects: readonly DesiredObject[],
  dryRun: boolean,
): Promise<string[]> {
  const refused: string[] = [];
  for (const object of objects) {
    await applyObject(api, object, { force: false, dryRun }).catch((thrown: unknown) =>
      refused.push(`${objectKey(object.ref)}: ${messageOf(thrown)}`),
    );
  }
  return refused;
}
