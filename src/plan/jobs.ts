import { GantryError } from '../errors.ts';
import type { DesiredImage } from '../model/desired.ts';
import type { Job, Process } from '../model/workload.ts';

/** Reference of the image that a workload runs. Throws GantryError `plan.unknown-image`. */
export function referenceOf(workload: Process | Job, images: readonly DesiredImage[]): string {
  const image = images.find((candidate) => candidate.name === workload.image);
  if (image) return image.reference;
  throw new GantryError({
    code: 'plan.unknown-image',
    whose: 'bug',
    message: `${workload.name} runs image ${workload.image}, which is not in the image graph.`,
    next: 'Correct the name in the catalogue or add the image.',
  });
}

/** Why a job or task has to run, or undefined when the ledger says that just this one succeeded. */
export function whyRun(
  name: string,
  identity: string,
  { ledger, ledgerExists }: { ledger: Record<string, string> | undefined; ledgerExists: boolean },
  content: string,
): string | undefined {
  if (ledger === undefined) {
    return `not known to have succeeded: the database ${ledgerExists ? 'does not answer' : 'is not there yet'}`;
  }
  if (ledger[name] === undefined) return 'never ran on this database';
  return ledger[name] === identity ? undefined : `${content} changed`;
}
