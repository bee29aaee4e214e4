import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suggest } from '../config/nearest.ts';
import { usageError } from '../errors.ts';
import type { RunOutcome, StampedEvent } from './events.ts';
import { isLive, type LockHolder, readProcessStart } from './lock.ts';
import { recordsDirectory } from './record.ts';

/** What a kept run was and how it ended. */
export interface RunSummary {
  id: string;
  command: string;
  /** ISO 8601, in UTC. */
  startedAt: string;
  /** From its start to its last event, on the wall clock. */
  seconds: number;
  /** `killed`: its process ended without a word, such as with the machine. */
  result: RunOutcome | 'running' | 'killed';
  /** Message of the error that it ended with. */
  error?: string;
}

/** The last event is at the end of a record, and shorter than this. */
const TAIL_BYTES = 64 * 1024;
const HEAD_BYTES = 4 * 1024;

type Started = Extract<StampedEvent, { type: 'command.started' }>;

/** The kept runs of a cloud, the latest first. */
export async function listRuns(
  stateDirectory: string,
  isAlive: (holder: LockHolder) => Promise<boolean>,
): Promise<RunSummary[]> {
  const ids = await runIds(stateDirectory);
  return Promise.all(ids.reverse().map((id) => summarize(stateDirectory, id, isAlive)));
}

/**
 * Id of the run that is meant: `last`, an id or the beginning of one. Throws a usage error, which names the nearest,
 * where it is none or several.
 */
export async function findRun(stateDirectory: string, wanted: string): Promise<string> {
  const ids = await runIds(stateDirectory);
  const last = ids.at(-1);
  if (last === undefined) {
    throw usageError('no run of this cloud is kept', {
      next: 'runs are kept of commands that change the cloud, such as "gantry up"',
    });
  }
  if (wanted === 'last') return last;
  const meant = ids.filter((id) => id.startsWith(wanted));
  if (meant.length === 1 || ids.includes(wanted)) return meant[0] ?? wanted;
  if (meant.length === 0 || wanted === '') {
    throw usageError(`no run "${wanted}" is kept${suggest(wanted, ids)}`, {
      next: '"gantry runs" lists those that are',
    });
  }
  throw usageError(`"${wanted}" is the beginning of ${meant.length} runs: ${meant.join(', ')}`, {
    next: 'give more of the id',
  });
}

/** All events that are kept of a run. A last line that was not written to its end is left out. */
export async function readRun(stateDirectory: string, id: string): Promise<StampedEvent[]> {
  const text = await readFile(pathOf(stateDirectory, id), 'utf8');
  return text.split('\n').flatMap((line) => parseEvent(line) ?? []);
}

/** What `listRuns` says of a run. */
export async function summarize(
  stateDirectory: string,
  id: string,
  isAlive: (holder: LockHolder) => Promise<boolean>,
): Promise<RunSummary> {
  const { first, last } = await readEnds(pathOf(stateDirectory, id));
  if (first?.type !== 'command.started') {
    return { id, command: '', startedAt: startOf(id), seconds: 0, result: 'killed' };
  }
  const { command, time: startedAt } = first;
  const end = last ?? first;
  const seconds = (Date.parse(end.time) - Date.parse(startedAt)) / 1000;
  const common = { id, command, startedAt, seconds };
  if (end.type === 'command.finished') {
    return { ...common, result: end.result, ...(end.error ? { error: end.error.message } : {}) };
  }
  return { ...common, result: (await isAlive(holderOf(first))) ? 'running' : 'killed' };
}

/** Whether the process of a run is there still; one of another host counts as there. */
export function isRunAlive(host: string): (holder: LockHolder) => Promise<boolean> {
  return (holder) => isLive(holder, { host, startOf: readProcessStart });
}

/** The time that an id begins with: of a run that was ended before it had said anything. */
function startOf(id: string): string {
  return id.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d).*/, '$1-$2-$3T$4:$5:$6.000Z');
}

function holderOf({ pid, processStart, host, command, time }: Started): LockHolder {
  return { pid, processStart, host, command, since: time };
}

async function runIds(stateDirectory: string): Promise<string[]> {
  const names = await readdir(recordsDirectory(stateDirectory)).catch((thrown) => {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  });
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort();
}

function pathOf(stateDirectory: string, id: string): string {
  return join(recordsDirectory(stateDirectory), `${id}.jsonl`);
}

async function readEnds(path: string): Promise<{ first?: StampedEvent; last?: StampedEvent }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const piece = async (position: number, length: number): Promise<string> => {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
      return buffer.toString('utf8', 0, bytesRead);
    };
    const head = await piece(0, HEAD_BYTES);
    const tail = await piece(Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
    const first = parseEvent(head.split('\n')[0] ?? '');
    const last = tail
      .split('\n')
      .reverse()
      .map(parseEvent)
      .find((event) => event !== undefined);
    return { ...(first ? { first } : {}), ...(last ? { last } : {}) };
  } finally {
    await file.close();
  }
}

function parseEvent(line: string): StampedEvent | undefined {
  try {
    return JSON.parse(line) as StampedEvent;
  } catch {
    return undefined;
  }
}
