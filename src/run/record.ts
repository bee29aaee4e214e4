import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { EventBody, StampedEvent } from './events.ts';

/** Runs of a cloud that are kept; the oldest go. */
const MAX_RUNS = 50;
/** Bytes of a record. What steps write and wait for is left out earlier, so that how they ended has room. */
const MAX_BYTES = 5 * 2 ** 20;
const MAX_DETAIL_BYTES = 4 * 2 ** 20;
/** What is of interest only while it goes on. */
const fleeting: ReadonlySet<EventBody['type']> = new Set([
  'step.progress',
  'activity.progress',
  'image.progress',
  'transfer.progress',
]);
const details: ReadonlySet<EventBody['type']> = new Set(['step.log', 'step.waiting', 'activity.waiting']);
const REDACTED = '[secret]';

/** Where the records of a cloud's runs are: one file a run, `ID.jsonl`, an event in each line. */
export function recordsDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'runs');
}

/** Ids sort by the time that their run began: `20261127-160812-3f2a`, in UTC. */
export function makeRunId(now: Date, random: (bytes: number) => Buffer = randomBytes): string {
  const digits = now.toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${random(2).toString('hex')}`;
}

/** Keeps the events of one run. A record that cannot be written is no failure of the run: it ends, and says why. */
export class RunRecord {
  readonly #file: number | undefined;
  readonly #secrets: (() => readonly string[])[] = [];
  #bytes = 0;
  #isCut = false;
  /** Why nothing more is kept; undefined while all is. */
  problem: string | undefined;

  constructor(stateDirectory: string, id: string) {
    const directory = recordsDirectory(stateDirectory);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      removeOldest(directory, MAX_RUNS - 1);
      this.#file = openSync(join(directory, `${id}.jsonl`), 'wx', 0o600);
    } catch (thrown) {
      this.problem = messageOf(thrown);
    }
  }

  /** Keeps these values out of it, as they are whenever something is written. */
  hide(values: () => readonly string[]): void {
    this.#secrets.push(values);
  }

  readonly keep = (event: StampedEvent): void => {
    if (fleeting.has(event.type)) return;
    const isEnd = event.type === 'command.finished';
    const line = `${this.#redact(JSON.stringify(event))}\n`;
    const limit = details.has(event.type) ? MAX_DETAIL_BYTES : MAX_BYTES;
    if (this.#bytes + line.length <= limit || isEnd) this.#write(line);
    else this.#cut(event);
  };

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  /** Says once that there is more to the run than is kept. */
  #cut({ at, time, cloud }: StampedEvent): void {
    if (this.#isCut) return;
    this.#isCut = true;
    const text = 'The record is full: from here on, not all of the run is kept.';
    this.#write(`${JSON.stringify({ at, time, cloud, type: 'notice', level: 'info', text })}\n`);
  }

  #write(line: string): void {
    if (this.#file === undefined || this.problem !== undefined) return;
    try {
      writeSync(this.#file, line);
      this.#bytes += Buffer.byteLength(line);
    } catch (thrown) {
      this.problem = messageOf(thrown);
    }
  }

  /** Values as they stand within a string of JSON. */
  #redact(json: string): string {
    return this.#secrets
      .flatMap((values) => values())
      .map((value) => JSON.stringify(value).slice(1, -1))
      .reduce((text, value) => (text.includes(value) ? text.replaceAll(value, REDACTED) : text), json);
  }
}

function removeOldest(directory: string, kept: number): void {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
  for (const name of names.slice(0, Math.max(0, names.length - kept))) rmSync(join(directory, name));
}
