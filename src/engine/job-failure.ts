import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../errors.ts';
import { excerpt } from '../model/strings.ts';
import type { Job } from '../model/workload.ts';

/** The error for a job that failed with `problem`; its whole output is kept as a file that the error names. */
export async function jobFailed(
  job: Job,
  problem: string,
  output: string,
  stateDirectory: string,
): Promise<GantryError> {
  const directory = join(stateDirectory, 'logs');
  const file = join(directory, `${job.name}.log`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(file, output, { mode: 0o600 });
  return new GantryError({
    code: 'job.failed',
    whose: 'environment',
    message: `Job ${job.name} failed: ${problem}`,
    why: excerpt(output, 20) || 'It printed nothing.',
    next: `Its whole output: ${file}. \`gantry up\` runs it again.`,
  });
}

/** The error for a job that is run once, and whose time is over. */
export function jobTimedOut(job: Job, cause: unknown): GantryError {
  return new GantryError({
    code: 'job.timeout',
    whose: 'environment',
    message: `${job.name} did not end within ${job.timeoutSeconds} s`,
    cause,
  });
}
