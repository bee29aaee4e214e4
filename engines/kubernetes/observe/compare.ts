import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, httpStatusOf, isTerminating, unlessMissing } from '../api/failure.ts';
import type { KubeObject, SecretObject } from '../api/objects.ts';
import { objectPath } from '../api/resources.ts';
import { FIELD_MANAGER } from '../names.ts';
import type { DesiredObject, FieldConflict, ObjectDifference } from '../plan/bundle.ts';
import { objectKey } from '../plan/bundle.ts';
import { conflictsOf, immutableFields, isConflict, isSizeRefused } from './conflicts.ts';
import { answersAt, differingFields } from './difference.ts';
import type { Live } from './live.ts';

const APPLY = 'application/apply-patch+yaml';
/** Where a service has its addresses. */
const INGRESS = 'status.loadBalancer.ingress';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export interface ApplyOptions {
  force: boolean;
  dryRun?: boolean;
  accept?: string;
  /** For what is known to be deprecated, and on its way out. */
  ignoreWarnings?: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Server-side apply under Gantry's name. With `dryRun` the server does everything but store the result.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function applyObject(
  api: ClusterApi,
  { ref, manifest }: DesiredObject,
  { force, dryRun = false, accept, ignoreWarnings = false, signal }: ApplyOptions,
): Promise<{ httpStatus: number; body: KubeObject }> {
  return api.send<KubeObject>('PATCH', objectPath(ref), {
    query: { fieldManager: FIELD_MANAGER, force, dryRun: dryRun ? 'All' : undefined },
    body: manifest,
    contentType: APPLY,
    ignoreWarnings,
    signal,
    ...(accept ? { accept } : {}),
  });
}

/** How one object compares with what is wanted, as the API server itself says by a dry run. */
export async function compareObject(
  api: ClusterApi,
  wanted: DesiredObject,
  live: Live,
): Promise<ObjectDifference> {
  const { ref } = wanted;
  // The content of an immutable Secret cannot have changed; it need not come over the network again.
  const sealed = ref.kind === 'Secret' && (wanted.manifest as SecretObject).immutable === true;
  const listed = live.objects.get(objectKey(ref))?.object;
  try {
    const answer = await applyObject(api, wanted, {
      force: true,
      dryRun: true,
      ...(sealed ? { accept: METADATA } : {}),
    });
    if (answer.httpStatus === 201) return { state: 'absent' };
    const complete = listed && (ref.kind !== 'Secret' || sealed);
    const present = complete ? listed : await readPresent(api, wanted, sealed);
    if (!present) return { state: 'absent' };
    const differing = differingFields(withKind(present, ref), withKind(answer.body, ref));
    const isElsewhere = wanted.addresses !== undefined && !answersAt(present, wanted.addresses);
    const fields = isElsewhere ? addressesFirst([...differing, INGRESS]) : differing;
    if (fields.length === 0) return { state: 'same' };
    return { state: 'changed', fields, conflicts: await findConflicts(api, wanted) };
  } catch (thrown) {
    // 404: its namespace is not there yet.
    if (httpStatusOf(thrown) === 404 || isTerminating(thrown)) return { state: 'absent' };
    const fields = isSizeRefused(thrown) ? ['spec.resources.requests.storage'] : immutableFields(thrown);
    if (fields) return { state: 'immutable', fields, conflicts: [] };
    throw clusterFailure(`${ref.kind} ${ref.name} could not be compared with the cluster`, thrown);
  }
}

function readPresent(
  api: ClusterApi,
  { ref }: DesiredObject,
  sealed: boolean,
): Promise<KubeObject | undefined> {
  return unlessMissing(api.request<KubeObject>('GET', objectPath(ref), sealed ? { accept: METADATA } : {}));
}

/** A plan names the first fields only, and these matter to users. */
function addressesFirst(fields: readonly string[]): string[] {
  const isAddress = (field: string): boolean => field === INGRESS || field === 'spec.externalIPs';
  return [...fields.filter(isAddress), ...fields.filter((field) => !isAddress(field))];
}

/** Somebody else's claims can only be on fields that differ: equal values are shared. */
async function findConflicts(api: ClusterApi, wanted: DesiredObject): Promise<FieldConflict[]> {
  try {
    await applyObject(api, wanted, { force: false, dryRun: true });
    return [];
  } catch (thrown) {
    if (isConflict(thrown)) return conflictsOf(thrown.status);
    throw thrown;
  }
}

/** Items of lists come without these two, and metadata alone with others. */
function withKind(object: KubeObject, { apiVersion, kind }: DesiredObject['ref']): KubeObject {
  return { ...object, apiVersion, kind };
}
