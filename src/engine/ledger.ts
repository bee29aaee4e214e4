import { GantryError } from '../errors.ts';
import type { Desired, Ledger } from '../model/desired.ts';
import { ledgerOf } from '../model/ledger.ts';
import { excerpt } from '../model/strings.ts';
import { timeLimit } from '../time-limit.ts';

/** For the first try and for the second one, in milliseconds: of a machine with too much to do one answer may be late. */
const READ_LIMITS = [5_000, 10_000];

/** Runs a command of the ledger in a running instance of its process. */
export type LedgerCommand = (
  command: string[],
  options: { user: string; stdin?: string; signal: AbortSignal },
) => Promise<{ exitCode: number; output: string }>;

/** Name to hash of what succeeded, or undefined where the ledger's process twice does not answer in time. */
export async function readLedger(
  ledger: Ledger,
  run: LedgerCommand,
): Promise<Record<string, string> | undefined> {
  for (const limit of READ_LIMITS) {
    try {
      const { exitCode, output } = await run(ledger.read, { user: ledger.user, signal: timeLimit(limit) });
      if (exitCode === 0) return parseLedger(output);
    } catch {
      // Not answering is an observation, not a failure: what needs the ledger is planned after its process.
    }
  }
  return undefined;
}

function parseLedger(text: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [name, hash] = line.split('\t');
    if (name && hash) entries[name] = hash.trim();
  }
  return entries;
}

/**
 * A function that records entries one call after the other: the commands of a ledger need not be atomic.
 * It throws `ledger.not-recorded`, and `catalogue.no-ledger` where the cloud has none.
 */
export function ledgerWriter(
  desired: Pick<Desired, 'ledger'>,
  run: LedgerCommand,
): (entries: Record<string, string>, signal: AbortSignal) => Promise<void> {
  let previous: Promise<unknown> = Promise.resolve();
  return (entries, signal) => {
    const write = previous.then(() => writeLedger(ledgerOf(desired), run, entries, signal));
    previous = write.catch(() => undefined);
    return write;
  };
}

async function writeLedger(
  ledger: Ledger,
  run: LedgerCommand,
  entries: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const lines = Object.entries(entries).map(([name, hash]) => `${name}\t${hash}\n`);
  const { exitCode, output } = await run(ledger.record, {
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
