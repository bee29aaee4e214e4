import type { ClusterApi } from '../api/client.ts';
import { httpStatusOf } from '../api/failure.ts';
import type { KubeObject, Pod } from '../api/objects.ts';
import { appliedKinds, collectionPath, isNamespaced, objectPath, servedVersion } from '../api/resources.ts';
import { Label } from '../names.ts';
import { type ObjectRef, objectKey } from '../plan/bundle.ts';

/** Of Secrets only the metadata: their content is read one by one, where it is needed. */
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** What the cluster holds of one cloud: everything that carries its label, but the pods: those are as many as nodes. */
export interface Live {
  /** By objectKey. Secrets are without their data. */
  objects: Map<string, { ref: ObjectRef; object: KubeObject }>;
}

export interface CloudScope {
  cloud: string;
  namespace: string;
  groupVersions: ReadonlySet<string>;
}

/** Lists all kinds side by side. What belongs to the whole cluster is passed over where it may not be listed. */
export async function readLive(api: ClusterApi, scope: CloudScope): Promise<Live> {
  const lists = await Promise.all([
    ...appliedKinds().map(async (kind) => {
      const apiVersion = servedVersion(kind, scope.groupVersions);
      if (!apiVersion) return [];
      const items = await listKind<KubeObject>(api, kind, apiVersion, scope);
      return items.map((object) => ({ ref: refOf(object, kind, apiVersion), object }));
    }),
  ]);
  const objects = lists.flat().map((entry) => [objectKey(entry.ref), entry] as const);
  return { objects: new Map(objects) };
}

export function listPods(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  signal?: AbortSignal,
): Promise<Pod[]> {
  return listKind<Pod>(api, 'Pod', 'v1', scope, { signal });
}

/** The pods of these processes or jobs alone. */
export async function listPodsOf(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Pod[]> {
  if (names.length === 0) return [];
  return listKind<Pod>(api, 'Pod', 'v1', scope, {
    selector: `${Label.name} in (${names.join(',')})`,
    signal,
  });
}

export async function listKind<T>(
  api: ClusterApi,
  kind: string,
  apiVersion: string,
  { cloud, namespace }: Pick<CloudScope, 'cloud' | 'namespace'>,
  { selector, signal }: { selector?: string; signal?: AbortSignal | undefined } = {},
): Promise<T[]> {
  const labelSelector = [`${Label.cloud}=${cloud}`, ...(selector ? [selector] : [])].join(',');
  try {
    const { items } = await api.request<{ items: T[] | null }>(
      'GET',
      collectionPath(kind, apiVersion, namespace),
      {
        query: { labelSelector },
        signal,
        ...(kind === 'Secret' ? { accept: METADATA_LIST } : {}),
      },
    );
    // A list of metadata that is empty has null here.
    return items ?? [];
  } catch (thrown) {
    // Who may not list what belongs to the whole cluster has not made any of it either.
    if (httpStatusOf(thrown) === 403 && !isNamespaced(kind)) return [];
    throw thrown;
  }
}

export async function readObject<T>(api: ClusterApi, ref: ObjectRef, signal?: AbortSignal): Promise<T> {
  return api.request<T>('GET', objectPath(ref), { signal });
}

/** Lists leave out what their items are. */
function refOf({ metadata }: KubeObject, kind: string, apiVersion: string): ObjectRef {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}
