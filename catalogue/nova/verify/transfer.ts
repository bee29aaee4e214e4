import { GantryError, messageOf } from '../../../src/errors.ts';
import { timeLimit } from '../../../src/time-limit.ts';

const MIB = 1024 * 1024;
export const TRANSFER_MIB = 8;
const LIMIT_SECONDS = 30;

/**
 * Takes more data from a server than a few packets hold. Where large packets get lost on the way, ping answers and
 * people can log in, but this takes minutes. Throws `verify.transfer`.
 * @param run runs a command on the server; resolves to its output
 */
export async function transfer(
  run: (command: string, signal: AbortSignal) => Promise<string>,
  signal: AbortSignal,
): Promise<void> {
  const limit = timeLimit(LIMIT_SECONDS * 1000);
  const wanted = TRANSFER_MIB * MIB;
  const failed = (why: string, cause?: unknown) =>
    new GantryError({
      code: 'verify.transfer',
      whose: 'environment',
      message: `${TRANSFER_MIB} MiB did not come from the server`,
      why,
      next: 'Look for packets that are dropped for their size: MTUs on the way, and offloads of network interfaces.',
      cause,
    });
  let output: string;
  try {
    output = await run(`head -c ${wanted} /dev/zero`, AbortSignal.any([signal, limit]));
  } catch (thrown) {
    signal.throwIfAborted();
    throw failed(limit.aborted ? `It is not all here after ${LIMIT_SECONDS} s.` : messageOf(thrown), thrown);
  }
  if (output.length !== wanted) throw failed(`${output.length} bytes came.`);
}
