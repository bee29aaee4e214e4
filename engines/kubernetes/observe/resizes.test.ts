import { describe, expect, test } from 'vitest';
import type { ClusterApi } from '../api/client.ts';
import { ApiFailure } from '../api/failure.ts';
import type { KubeObject } from '../api/objects.ts';
import { renderBundles } from '../render/bundles.ts';
import { cluster, renderDesiredCloud } from '../render/testing/cluster.ts';
import { compareObject } from './compare.ts';
import type { Live } from './live.ts';
import { findResizes } from './resizes.ts';

/** Claims by name, each of a size and a storage class. */
function liveOf(claims: Record<string, [size: string, storageClass: string | undefined]>): Live {
  const entries = Object.entries(claims).map(([name, [storage, storageClassName]]) => {
    const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'test', name };
    const spec = { storageClassName, resources: { requests: { storage } } };
    return [
      `PersistentVolumeClaim/${name}`,
      { ref, object: { metadata: { name }, spec } as KubeObject },
    ] as const;
  });
  return { objects: new Map(entries) };
}

/** A cluster with these storage classes; without any, credentials that may not list them. */
function clusterWith(classes?: Record<string, boolean>): ClusterApi {
  const request = async () => {
    if (!classes) throw new ApiFailure(403, {}, 'GET');
    const items = Object.entries(classes).map(([name, allowVolumeExpansion]) => ({
      metadata: { name },
      allowVolumeExpansion,
    }));
    return { items };
  };
  return { request } as unknown as ClusterApi;
}

async function resizesOf(
  live: Live,
  sizes: Record<string, string>,
  api: ClusterApi = clusterWith({ fast: true, local: false }),
): Promise<string[]> {
  const desired = await renderDesiredCloud({ config: { replicas: { mariadb: 3 } } });
  const bundles = renderBundles(desired, { ...cluster, volumeSizes: sizes });
  const found = await findResizes(api, { bundles, live, sizes });
  return found.map(
    ({ ref, bundle, from, to, obstacle }) =>
      `${bundle} ${ref.name} ${from} to ${to}${obstacle ? ` ${JSON.stringify(obstacle)}` : ''}`,
  );
}

describe('a volume of another size', () => {
  const three = liveOf({
    'mariadb-mariadb-0': ['20Gi', 'fast'],
    'mariadb-mariadb-1': ['51200Mi', 'fast'],
    'mariadb-mariadb-2': ['20Gi', 'local'],
    'mariadb-mariadb-3': ['20Gi', 'fast'],
  });

  test('is told of each instance, with what is in its way', async () => {
    expect(await resizesOf(three, { mariadb: '50Gi' })).toEqual([
      'mariadb mariadb-mariadb-0 20Gi to 50Gi',
      'mariadb mariadb-mariadb-2 20Gi to 50Gi {"storageClass":"local"}',
    ]);
    expect(await resizesOf(three, { mariadb: '30Gi' })).toContain(
      'mariadb mariadb-mariadb-1 51200Mi to 30Gi "smaller"',
    );
  });

  test('is left as somebody made it where cloud.yaml says nothing', async () => {
    expect(await resizesOf(liveOf({ 'mariadb-mariadb-0': ['80Gi', 'fast'] }), {})).toEqual([]);
  });

  test('that stands for a device grows by the setting of its service, and never shrinks', async () => {
    const claim = 'swift-storage-1-swift-storage-1-0';
    expect(await resizesOf(liveOf({ [claim]: ['10Gi', 'fast'] }), {})).toEqual([
      `swift-storage-1 ${claim} 10Gi to 20Gi`,
    ]);
    expect(await resizesOf(liveOf({ [claim]: ['10Gi', 'local'] }), {})).toEqual([
      `swift-storage-1 ${claim} 10Gi to 20Gi {"storageClass":"local"}`,
    ]);
    expect(await resizesOf(liveOf({ [claim]: ['30Gi', 'fast'] }), {})).toEqual([]);
  });

  test('that is shared grows with its object, if it can', async () => {
    expect(await resizesOf(liveOf({ glance: ['50Gi', 'fast'] }), { glance: '100Gi' })).toEqual([]);
    expect(await resizesOf(liveOf({ glance: ['50Gi', undefined] }), { glance: '100Gi' })).toEqual([
      'cloud glance 50Gi to 100Gi {"storageClass":""}',
    ]);
    expect(await resizesOf(liveOf({ glance: ['100Gi', 'fast'] }), {})).toEqual([
      'cloud glance 100Gi to 50Gi "smaller"',
    ]);
  });

  test('is left to the server where the classes may not be seen', async () => {
    const live = liveOf({ 'mariadb-mariadb-0': ['20Gi', 'local'] });
    expect(await resizesOf(live, { mariadb: '50Gi' }, clusterWith())).toEqual([
      'mariadb mariadb-mariadb-0 20Gi to 50Gi',
    ]);
  });
});

test.each([
  [403, 'only dynamically provisioned pvc can be resized and the storageclass must support resize'],
  [422, 'spec.resources.requests.storage: Forbidden: field can not be less than previous value'],
])('a size that the server refuses with %d is no failure of the comparison', async (status, message) => {
  const send = async () => Promise.reject(new ApiFailure(status, { message }, 'PATCH'));
  const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'test', name: 'glance' };
  const api = { send } as unknown as ClusterApi;
  expect(await compareObject(api, { ref, manifest: {} }, liveOf({ glance: ['50Gi', 'fast'] }))).toEqual({
    state: 'immutable',
    fields: ['spec.resources.requests.storage'],
    conflicts: [],
  });
});
