import { hostname } from 'node:os';
import { GantryError, GantryErrors, messageOf, reportError } from '../errors.ts';
import { stampEvents } from '../run/emit.ts';
import type { Emit, EventBody, RunOutcome } from '../run/events.ts';
import { acquireLock, readProcessStart } from '../run/lock.ts';
import { makeRunId, RunRecord } from '../run/record.ts';
import { hasSecrets } from '../secrets/store.ts';
import { type Caller, warn } from './caller.ts';
import { type Cloud, type OpenOptions, openRunningCloud, openWith, requireRunning } from './cloud.ts';
import type { Configured } from './configured.ts';

/** A command under way that changes something; its events are kept. */
export interface Run extends Pick<Caller, 'confirm' | 'signal'> {
  readonly id: string;
  readonly emit: Emit;
  /** Opens the cloud as it is now. What its secrets are stays out of the record. */
  open(options?: OpenOptions): Promise<Cloud>;
}

export interface Ended {
  result: RunOutcome;
}

export interface ChangeRequest {
  /** As users know it, such as `gantry up`. */
  command: string;
  /** Others may change the cloud meanwhile. */
  shared?: true;
}

/**
 * Does something that changes the cloud: under its lock, and with its events kept in the state directory, from which it
 * is told later how it went.
 */
export async function change<T extends Ended>(
  configured: Configured,
  { command, shared }: ChangeRequest,
  caller: Caller,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const lock = shared ? undefined : await acquireLock(configured.stateDirectory, { command });
  try {
    return await keepRecord(configured, command, caller, work);
  } finally {
    await lock?.release();
  }
}

/** As `change`, for what needs a cloud that is up; throws `cloud.not-up` where it is not. */
export async function changeRunning<T extends Ended>(
  configured: Configured,
  request: ChangeRequest & OpenOptions,
  caller: Caller,
  work: (run: Run, cloud: Cloud) => Promise<T>,
): Promise<T> {
  // For a cloud that is not there nothing is made, not even the directory of its lock: this throws.
  if (!hasSecrets(configured.stateDirectory)) await openRunningCloud(configured, request, caller);
  return change(configured, request, caller, async (run) => {
    // Under the lock: what was there before may have been changed meanwhile.
    const cloud = await run.open(request);
    await requireRunning(cloud);
    return work(run, cloud);
  });
}

async function keepRecord<T extends Ended>(
  configured: Configured,
  command: string,
  { emit: tell, confirm, signal }: Caller,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const id = makeRunId(new Date());
  const record = new RunRecord(configured.stateDirectory, id);
  const emit = stampEvents({ cloud: configured.config.name, run: id }, [record.keep, tell]);
  const open = async (options: OpenOptions = {}): Promise<Cloud> => {
    const cloud = await openWith(configured, options, emit);
    record.hide(() => cloud.secrets.values());
    return cloud;
  };
  const { pid } = process;
  const processStart = (await readProcessStart(pid)) ?? '';
  emit({ type: 'command.started', command, pid, processStart, host: hostname() });
  try {
    const ended = await work({ id, emit, confirm, signal, open });
    emit({ type: 'command.finished', result: ended.result });
    return ended;
  } catch (thrown) {
    emit(failureOf(thrown, signal));
    throw thrown;
  } finally {
    record.close();
    if (record.problem !== undefined) warn(emit, `the events of this run are not kept: ${record.problem}`);
  }
}

function failureOf(thrown: unknown, signal: AbortSignal): EventBody {
  if (signal.aborted) return { type: 'command.finished', result: 'interrupted' };
  const error = thrown instanceof GantryErrors ? thrown.errors[0] : thrown;
  const known =
    error instanceof GantryError
      ? error
      : new GantryError({ code: 'run.unexpected', whose: 'bug', message: messageOf(thrown) });
  return { type: 'command.finished', result: 'failed', error: reportError(known) };
}
