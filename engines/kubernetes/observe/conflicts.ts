import { ApiFailure, httpStatusOf } from '../api/failure.ts';
import type { Status } from '../api/objects.ts';
import type { FieldConflict } from '../plan/bundle.ts';

/**
 * Which field managers hold which fields, from the refusal of an apply that does not force. The server names the
 * manager in the text of each cause only: `conflict with "kubectl-edit" using apps/v1`.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
 */
export function conflictsOf(status: Status): FieldConflict[] {
  return (status.details?.causes ?? [])
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ message = '', field = '' }) => ({
      field: field.replace(/^\./, '') || 'a field',
      owner: /conflict with "([^"]+)"/.exec(message)?.[1] ?? 'somebody else',
    }));
}

export function isConflict(thrown: unknown): thrown is ApiFailure {
  return thrown instanceof ApiFailure && thrown.httpStatus === 409 && conflictsOf(thrown.status).length > 0;
}

const immutableMessage =
  /immutable|updates to .* are forbidden|may not (be )?change|cannot change|forbidden after creation|spec is immutable/i;

/** Whether a claim cannot have the size that is wanted: it would be smaller, or its storage class keeps sizes. */
export function isSizeRefused(thrown: unknown): boolean {
  const status = httpStatusOf(thrown);
  if (status !== 403 && status !== 422) return false;
  return /can be (resized|expanded)|can ?not be less than/i.test((thrown as ApiFailure).message);
}

/**
 * Fields that cannot be changed in place, where that is why the server refused; undefined where it refused for
 * another reason.
 */
export function immutableFields(thrown: unknown): string[] | undefined {
  if (httpStatusOf(thrown) !== 422) return undefined;
  const { status, message } = thrown as ApiFailure;
  const causes = status.details?.causes ?? [];
  const fixed = causes.filter((cause) => immutableMessage.test(cause.message ?? ''));
  if (fixed.length > 0) return [...new Set(fixed.map(({ field }) => field || 'spec'))];
  return immutableMessage.test(message) ? ['spec'] : undefined;
}
