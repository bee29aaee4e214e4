import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, GantryError } from '../errors.ts';

/** Who holds a lock, as written into its file. */
export interface LockHolder {
  pid: number;
  /** When that process started, in clock ticks since the boot: tells a process from a later one of the same id. */
  processStart: string;
  host: string;
  /** What it runs, such as `gantry up`. */
  command: string;
  /** ISO 8601, in UTC. */
  since: string;
}

export interface LockRequest {
  command: string;
  /** The time to note in the lock. */
  now?: Date;
  pid?: number;
  host?: string;
  /** Start of a process of this machine, undefined where there is none of this id. */
  startOf?(pid: number): Promise<string | undefined>;
}

export interface Lock {
  /** Gives the lock up; does nothing the second time. */
  release(): Promise<void>;
}

const MILLISECONDS_BETWEEN_TRIES = 20;

/**
 * Takes the lock of one cloud, kept in its state directory (made if missing), so that only one run at a time
 * changes it. A lock whose process is gone, or is another one by now, is taken over.
 * Throws GantryError `lock.held` with exit code 75 where a live process holds it.
 */
export async function acquireLock(directory: string, request: LockRequest): Promise<Lock> {
  const { now = new Date(), pid = process.pid, host = hostname(), startOf = readProcessStart } = request;
  const holder: LockHolder = {
    pid,
    processStart: (await startOf(pid)) ?? '',
    host,
    command: request.command,
    since: now.toISOString(),
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'lock');
  // Two files of one process must differ, so that a stale one is never taken for its successor.
  const content = `${JSON.stringify({ ...holder, nonce: randomUUID() })}\n`;
  const draft = join(directory, `lock.draft-${randomUUID()}`);
  await writeFile(draft, content, { flag: 'wx', mode: 0o600 });
  try {
    await take(path, draft, { host, startOf });
  } finally {
    await unlink(draft);
  }
  return {
    async release() {
      if ((await readIfThere(path)) === content) await unlink(path);
    },
  };
}

export type Judge = Required<Pick<LockRequest, 'host' | 'startOf'>>;

/**
 * Links the finished draft to the path: exclusive like open(2) with O_EXCL, but never seen half-written.
 *
 * Of several processes that find the same stale lock one must win. Each first takes a second lock, named
 * after the stale content, by this same procedure. Its holder alone may replace the stale file, and does so
 * by renaming that second lock over it, after making sure that it has not been replaced meanwhile.
 */
async function take(path: string, draft: string, judge: Judge): Promise<void> {
  for (;;) {
    if (await linkExclusively(draft, path)) return;
    const found = await readIfThere(path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder && (await isLive(holder, judge))) throw lockHeld(path, holder);
    const claim = `${path}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`;
    try {
      await take(claim, draft, judge);
    } catch (error) {
      if (!(error instanceof GantryError)) throw error;
      // Another is about to take the stale lock over; then that one holds it.
      await delay(MILLISECONDS_BETWEEN_TRIES);
      continue;
    }
    if ((await readIfThere(path)) === found) return rename(claim, path);
    await unlink(claim);
  }
}

async function linkExclusively(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** A process of another host cannot be looked up here, so it counts as alive. */
export async function isLive(holder: LockHolder, { host, startOf }: Judge): Promise<boolean> {
  return holder.host !== host || (await startOf(holder.pid)) === holder.processStart;
}

/** Undefined for what a crash of the machine left of a lock file. */
function parseHolder(content: string): LockHolder | undefined {
  try {
    const value = JSON.parse(content) as Partial<LockHolder> | null;
    return typeof value?.pid === 'number' && value.host !== undefined ? (value as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Field 22 of /proc/PID/stat, see proc_pid_stat(5); the second field, a name in parentheses, may hold spaces.
 * Undefined for a process that has ended but has not been waited for by its parent.
 */
export async function readProcessStart(pid: number): Promise<string | undefined> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[22 - 3];
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between opening and reading its file in /proc.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

function lockHeld(path: string, { pid, host, command, since }: LockHolder): GantryError {
  return new GantryError({
    code: 'lock.held',
    whose: 'environment',
    message: `Another run is changing this cloud: ${command}, process ${pid} on ${host}, since ${since}.`,
    why: `It holds ${path}, and only one run at a time may change a cloud.`,
    next: `Wait until it has ended, or end it with \`kill ${pid}\` on ${host}, then run the same command again.`,
    exitCode: ExitCode.tryAgain,
  });
}
