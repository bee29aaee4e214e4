import type { StepContext } from '../../../src/engine/engine.ts';
import { parseQuantity } from '../../../src/model/settings/units.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, unlessForbidden } from '../api/failure.ts';
import type { ClaimObject, KubeList, StorageClassObject, WorkloadObject } from '../api/objects.ts';
import { objectPath } from '../api/resources.ts';
import { type DesiredBundle, type ObjectRef, type ObservedResize, objectKey } from '../plan/bundle.ts';
import type { Live } from './live.ts';

interface WantedClaim {
  volume: string;
  bundle: string;
  ref: ObjectRef;
  to: string;
  ofService: boolean;
  /** Applied as a whole like every other object, and so made larger with it. */
  applied: boolean;
}

/**
 * Claims that are there in another size than is wanted. Those of a stateful set count where cloud.yaml says their size:
 * the set itself never changes the claims that it made, and somebody may have made them larger by hand. The service of one
 * for each device always says it, for those that are yet to come too: only what is to be larger counts.
 */
export async function findResizes(
  api: ClusterApi,
  { bundles, live, sizes }: { bundles: readonly DesiredBundle[]; live: Live; sizes: Record<string, string> },
): Promise<ObservedResize[]> {
  const differing = bundles
    .flatMap((bundle) => wantedClaims(bundle, sizes))
    .flatMap(({ applied, ...wanted }) => {
      const claim = live.objects.get(objectKey(wanted.ref))?.object as ClaimObject | undefined;
      const from = claim?.spec.resources?.requests?.storage;
      if (!claim || from === undefined) return [];
      const more = (parseQuantity(wanted.to) ?? 0) - (parseQuantity(from) ?? 0);
      return more === 0
        ? []
        : [{ ...wanted, from, more, applied, storageClass: claim.spec.storageClassName }];
    });
  if (differing.length === 0) return [];
  const rigid = differing.some(({ more }) => more > 0) ? await readRigidClasses(api) : new Set();
  return differing.flatMap(({ more, applied, storageClass = '', ...resize }): ObservedResize[] => {
    if (more < 0) return resize.ofService ? [] : [{ ...resize, obstacle: 'smaller' }];
    if (rigid.has(storageClass)) return [{ ...resize, obstacle: { storageClass } }];
    return applied ? [] : [{ ...resize, obstacle: undefined }];
  });
}

function wantedClaims(
  { name: bundle, objects, process }: DesiredBundle,
  sizes: Record<string, string>,
): WantedClaim[] {
  const ofService = process?.instanceOf !== undefined;
  return objects.flatMap(({ ref, manifest }): WantedClaim[] => {
    if (ref.kind === 'PersistentVolumeClaim') {
      const to = sizeOf(manifest as ClaimObject);
      return [{ volume: ref.name, bundle, ref, to, ofService: false, applied: true }];
    }
    if (ref.kind !== 'StatefulSet') return [];
    const { volumeClaimTemplates = [], replicas = 1 } = (manifest as WorkloadObject).spec;
    return volumeClaimTemplates
      .filter(({ metadata }) => ofService || sizes[metadata.name] !== undefined)
      .flatMap((template) =>
        Array.from({ length: replicas }, (_, ordinal): WantedClaim => {
          const volume = template.metadata.name;
          const name = `${volume}-${ref.name}-${ordinal}`;
          const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: ref.namespace, name };
          const to = sizeOf(template as ClaimObject);
          return { volume, bundle, ref: claim, to, ofService, applied: false };
        }),
      );
  });
}

function sizeOf({ spec }: ClaimObject): string {
  return spec.resources?.requests?.storage ?? '0';
}

/** Classes whose volumes keep their size, and none at all; nothing where these credentials may not list classes. */
async function readRigidClasses(api: ClusterApi): Promise<ReadonlySet<string>> {
  const path = '/apis/storage.k8s.io/v1/storageclasses';
  const classes = await unlessForbidden(api.request<KubeList<StorageClassObject>>('GET', path));
  if (!classes) return new Set();
  const rigid = classes.items.filter(({ allowVolumeExpansion }) => allowVolumeExpansion !== true);
  return new Set(['', ...rigid.map(({ metadata }) => metadata.name)]);
}

/** Asks for a larger volume. Who provides it makes it so and grows the file system, mostly while it is in use. */
export async function growClaim(
  api: ClusterApi,
  { claim, to }: { claim: ObjectRef; to: string },
  { signal, log }: Pick<StepContext, 'signal' | 'log'>,
): Promise<void> {
  try {
    await api.request('PATCH', objectPath(claim), {
      query: { fieldManager: 'gantry' },
      body: { spec: { resources: { requests: { storage: to } } } },
      contentType: 'application/merge-patch+json',
      signal,
    });
  } catch (thrown) {
    throw clusterFailure(`The claim ${claim.name} could not be made larger`, thrown);
  }
  log(`${to} asked for; \`kubectl get pvc ${claim.name}\` shows when it is there`);
}
