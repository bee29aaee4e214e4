import type { StepContext } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, unlessMissing } from '../api/failure.ts';
import type { KubeObject } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import { dataKinds, objectPath, rankOf } from '../api/resources.ts';
import { Annotation } from '../names.ts';
import { applyObject } from '../observe/compare.ts';
import { conflictsOf, isConflict } from '../observe/conflicts.ts';
import { type DesiredBundle, type DesiredObject, type ObjectRef, objectKey } from '../plan/bundle.ts';
import { applyWithAddresses } from './addresses.ts';
import { deleteObject, waitUntilGone } from './remove.ts';

const WIDTH = 8;
/** Longest wait for what is replaced to be gone, in seconds. */
const REPLACE_LIMIT = 120;
/** The same for a namespace that was removed shortly before, with all that was in it. */
const NAMESPACE_LIMIT = 300;

export interface ApplyArgs {
  bundle: DesiredBundle;
  replace: readonly ObjectRef[];
  force: boolean;
}

/**
 * Applies all objects of a bundle, what others need before those. Objects in `replace` are removed first; pods of
 * a stateful set stay meanwhile, and what holds data is refused.
 * Throws `kubernetes.conflict` where others claim fields and `force` is not given.
 */
export async function applyBundle(
  api: ClusterApi,
  clock: Clock,
  { bundle, replace, force }: ApplyArgs,
  context: StepContext,
): Promise<void> {
  const { signal } = context;
  const replaced = new Set(replace.map(objectKey));
  const ranks = new Map<number, DesiredObject[]>();
  for (const object of bundle.objects) {
    const rank = rankOf(object.ref.kind);
    ranks.set(rank, [...(ranks.get(rank) ?? []), object]);
  }
  for (const [, objects] of [...ranks].sort(([a], [b]) => a - b)) {
    await mapBounded(objects, WIDTH, async (object) => {
      signal.throwIfAborted();
      // One that is on its way out takes nothing in.
      if (object.ref.kind === 'Namespace')
        await waitUntilGone(api, clock, [object.ref], NAMESPACE_LIMIT, context);
      if (replaced.has(objectKey(object.ref))) await removeForReplacement(api, clock, object.ref, context);
      await applyOne(api, object, { force, signal });
    });
  }
}

/** Applies the objects of a job one after another, what others need before those. */
export async function applyJob(
  api: ClusterApi,
  objects: readonly DesiredObject[],
  signal: AbortSignal,
): Promise<void> {
  for (const object of [...objects].sort((a, b) => rankOf(a.ref.kind) - rankOf(b.ref.kind))) {
    await applyOne(api, object, { force: true, signal });
  }
}

/** Applies one object. Throws with what the API server says where it refuses. */
export async function applyOne(
  api: ClusterApi,
  object: DesiredObject,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<void> {
  const { ref, addresses } = object;
  try {
    const { httpStatus, body } = await (addresses
      ? applyWithAddresses(api, { ...object, addresses }, { force, signal })
      : applyObject(api, object, { force, signal }));
    if (httpStatus === 201) await noteTakenUp(api, ref, body, signal);
  } catch (thrown) {
    if (isConflict(thrown)) throw conflict(ref, conflictsOf(thrown.status));
    throw clusterFailure(`${ref.kind} ${ref.name} could not be applied`, thrown);
  }
}

/** What a Secret holds when it is made is what pods that are made after it have. */
async function noteTakenUp(
  api: ClusterApi,
  ref: ObjectRef,
  { metadata }: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  const hashes = metadata.annotations?.[Annotation.fileHashes];
  if (ref.kind === 'Secret' && hashes !== undefined) await writeTakenUp(api, ref, hashes, signal);
}

/** Notes the hashes of the reloadable files that running pods have, on their Secret or on a pod. */
export async function writeTakenUp(
  api: ClusterApi,
  ref: ObjectRef,
  hashes: string,
  signal: AbortSignal,
): Promise<void> {
  await unlessMissing(
    api.request('PATCH', objectPath(ref), {
      query: { fieldManager: 'gantry-reload' },
      body: { metadata: { annotations: { [Annotation.takenUp]: hashes } } },
      contentType: 'application/merge-patch+json',
      signal,
    }),
  );
}

async function removeForReplacement(
  api: ClusterApi,
  clock: Clock,
  ref: ObjectRef,
  context: StepContext,
): Promise<void> {
  if (dataKinds.has(ref.kind)) {
    throw new GantryError({
      code: 'kubernetes.data-immutable',
      whose: 'bug',
      message: `${ref.kind} ${ref.name} holds data and is not replaced`,
    });
  }
  // Pods of a stateful set are taken over by the new one, which then replaces them one after another.
  const orphan = ref.kind === 'StatefulSet';
  await deleteObject(api, ref, orphan ? 'Orphan' : 'Foreground', context.signal);
  await waitUntilGone(api, clock, [ref], REPLACE_LIMIT, context);
}

function conflict(ref: ObjectRef, conflicts: ReturnType<typeof conflictsOf>): GantryError {
  const owners = [...new Set(conflicts.map(({ owner }) => owner))];
  return new GantryError({
    code: 'kubernetes.conflict',
    whose: 'user',
    message: `${ref.kind} ${ref.name} was changed by ${owners.join(' and ')}`,
    why: conflicts.map(({ field, owner }) => `${field} belongs to ${owner}`).join('\n'),
    next: 'Put the same value into cloud.yaml, or take the fields over with `gantry up --force-conflicts`.',
  });
}
