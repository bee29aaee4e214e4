import { GantryError } from '../../src/errors.ts';
import type { Ledger } from '../../src/model/desired.ts';
import type { ClusterApi } from './api.ts';
import { captureCommand } from './command.ts';
import { findRunning, isRunning, numberPods } from './find.ts';
import type { CloudScope } from './live.ts';
import type { Pod } from './objects.ts';
import { excerpt } from './strings.ts';
import { isPodReady } from './waiters/pod.ts';

const READ_LIMIT = 5_000;

/** Name to hash of what succeeded, or undefined where the ledger's process does not answer within 5 s. */
export async function readLedger(
  api: ClusterApi,
  pods: readonly Pod[],
  ledger: Ledger,
): Promise<Record<string, string> | undefined> {
  const running = numberPods(pods).filter(({ process, pod }) => process === ledger.process && isRunning(pod));
  const keeper = running.find(({ pod }) => isPodReady(pod)) ?? running[0];
  if (!keeper) return undefined;
  try {
    const { exitCode, output } = await captureCommand(api, keeper.pod, ledger.read, {
      user: ledger.user,
      signal: AbortSignal.timeout(READ_LIMIT),
    });
    return exitCode === 0 ? parseLedger(output) : undefined;
  } catch {
    // Not answering is an observation, not a failure: what needs the ledger is planned after its process.
    return undefined;
  }
}

export function parseLedger(text: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [name, hash] = line.split('\t');
    if (name && hash) entries[name] = hash.trim();
  }
  return entries;
}

/** A function that records entries one call after the other: the commands of a ledger need not be atomic. */
export function ledgerWriter(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  ledger: Ledger,
): (entries: Record<string, string>, signal: AbortSignal) => Promise<void> {
  let previous: Promise<unknown> = Promise.resolve();
  return (entries, signal) => {
    const write = previous.then(() => writeLedger(api, scope, ledger, entries, signal));
    previous = write.catch(() => undefined);
    return write;
  };
}

async function writeLedger(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  ledger: Ledger,
  entries: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { pod } = await findRunning(api, scope, ledger.process);
  const lines = Object.entries(entries).map(([name, hash]) => `${name}\t${hash}\n`);
  const { exitCode, output } = await captureCommand(api, pod, ledger.record, {
    user: ledger.user,
    stdin: lines.join(''),
    signal,
  });
  if (exitCode === 0) return;
  throw new GantryError({
    code: 'ledger.not-recorded',
    whose: 'environment',
    message: `It could not be recorded that ${Object.keys(entries).join(', ')} succeeded`,
    why: excerpt(output, 10) || `${ledger.record[0]} in ${ledger.process} exited with code ${exitCode}`,
    next: 'Run `gantry up` again: what is not recorded runs once more.',
  });
}
