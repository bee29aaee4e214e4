import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterApi, createClusterApi } from '../../engines/kubernetes/api/client.ts';
import { applyObject } from '../../engines/kubernetes/observe/compare.ts';
import type { DesiredObject } from '../../engines/kubernetes/plan/bundle.ts';
import { readCatalogue, refusals, renderCatalogue } from './catalogue-objects.ts';
import { removeNamespace } from './kubernetes-cloud.ts';
import { type AnyCluster, openAnyCluster } from './test-cluster.ts';

const namespace = `gantry-manifests-${process.pid}`;
/** Where the others are: they are refused without these. */
const foundations = ['Namespace', 'ServiceAccount'];

describe('the API server takes', () => {
  let api: ClusterApi;
  let objects: DesiredObject[];

  let cluster: AnyCluster;
  const warnings: string[] = [];

  beforeAll(async () => {
    cluster = await openAnyCluster();
    api = createClusterApi(cluster.config, {
      onWarning: ({ text, request }) => warnings.push(`${text} (${request})`),
    });
    objects = renderCatalogue(await readCatalogue(api, namespace));
    for (const object of objects.filter(({ ref }) => foundations.includes(ref.kind))) {
      await applyObject(api, object, { force: true });
    }
  });

  afterAll(async () => {
    try {
      if (api) await removeNamespace(api, namespace);
    } finally {
      await cluster?.close();
    }
  });

  test('every object of the catalogue, by its own schema and its own checks', async () => {
    expect(await refusals(api, objects, true)).toEqual([]);
    expect(objects.length).toBeGreaterThan(100);
  });

  test('all of them without a warning, such as of what is deprecated', () => expect(warnings).toEqual([]));

  test('nothing that it does not know', async () => {
    const deployment = objects.find(({ ref }) => ref.kind === 'Deployment') as DesiredObject;
    const manifest = structuredClone(deployment.manifest) as { spec: Record<string, unknown> };
    manifest.spec.replica = 1;
    await expect(
      applyObject(api, { ...deployment, manifest }, { force: false, dryRun: true }),
    ).rejects.toThrow(/replica/);
  });
});
