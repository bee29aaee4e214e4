import type { CloudConfig } from '../config/schema.ts';
import { KeptOutput } from '../engine/output.ts';
import { GantryError, messageOf } from '../errors.ts';
import { job } from '../model/make.ts';
import type { Collection } from '../model/operation.ts';
import { excerpt } from '../model/strings.ts';
import type { Job } from '../model/workload.ts';
import { loadOperations } from '../resolve/operations.ts';
import { type Caller, inform } from './caller.ts';
import { changeRunning, type Ended, type Run } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { findOperation } from './operation.ts';
import { execIn, putInForce, requireUpToDate } from './rotate.ts';
import { taken } from './taken.ts';

/** Longest time that a collection may take, in seconds. */
const LIMIT = 6 * 3600;

/**
 * Removes what a service of the cloud keeps and nothing needs any more, in the way that the service brings; see Collection.
 * Where it is interrupted, nobody adds anything until the next `up`.
 */
export async function collect(
  configured: Configured,
  { name }: { name: string },
  caller: Caller,
): Promise<Ended> {
  const { collections } = await loadOperations(configured.root, configured.services);
  const collection = findOperation(collections, name, { verb: 'keeps', all: 'What can be collected' });
  return changeRunning(configured, { command: `gantry collect ${name}` }, caller, async (run, cloud) => {
    await requireUpToDate(cloud, 'collect');
    await run.confirm({ kind: 'collect', text: collection.description });
    const sections = sectionsOf(cloud.config, collection);
    const paused = await putInForce('Letting nobody add anything', run, { sections });
    if (paused.result !== 'done') return paused;
    const resume = () => putInForce('Letting everybody add again', run);
    try {
      if (collection.listsObjects) await settleLists(cloud, run);
      inform(run.emit, collection.outcome(await runCollection(cloud, collection, run)));
    } catch (thrown) {
      if (!run.signal.aborted) {
        await resume();
        throw thrown;
      }
      inform(run.emit, 'Nobody can add anything until "gantry up" is run.');
      return { result: 'interrupted' };
    }
    return resume();
  });
}

function sectionsOf(config: CloudConfig, { meanwhile }: Collection): Record<string, object> {
  const now: Readonly<Record<string, unknown>> = { ...config };
  return Object.fromEntries(
    Object.entries(meanwhile).map(([name, keys]) => [name, { ...(now[name] as object), ...keys }]),
  );
}

/** What was written before anything was stopped is in all lists afterwards. Throws `collect.unsettled` where it is not. */
async function settleLists(cloud: Cloud, { emit, signal }: Pick<Run, 'emit' | 'signal'>): Promise<void> {
  const { processes, rounds } = taken(cloud.desired, 'objectStore');
  inform(emit, 'Lists of objects are made complete.');
  for (const command of rounds) {
    const told = await Promise.allSettled(
      processes.map((process) => execIn(cloud, process, [...command], signal)),
    );
    signal.throwIfAborted();
    const failed = told.flatMap((one, index) =>
      one.status === 'rejected' ? [`${processes[index]}: ${whyOf(one.reason)}`] : [],
    );
    if (failed.length === 0) continue;
    throw new GantryError({
      code: 'collect.unsettled',
      whose: 'environment',
      message: 'not all lists of objects could be made complete, so nothing was removed',
      why: failed.join('\n'),
      next: 'See "gantry status"; try again once all of its devices are there.',
    });
  }
}

function whyOf(reason: unknown): string {
  return reason instanceof GantryError ? (reason.why ?? reason.message) : messageOf(reason);
}

/** Resolves to what the command wrote. */
async function runCollection(
  { engine, desired }: Cloud,
  { name, process, command }: Collection,
  { signal }: Pick<Run, 'signal'>,
): Promise<string> {
  const like = desired.processes.find((one) => one.name === process);
  if (!like) throw new Error(`no process is named ${process}`);
  const { service, image, user, files, reaches } = like;
  const once: Job = job({
    ...{ service, image, user, files, reaches },
    name: `collect-${name}`,
    command: [...command],
    timeoutSeconds: LIMIT,
  });
  const output = new KeptOutput();
  const code = await engine.runOnce(desired, once, { stdout: output, stderr: output, signal });
  if (code === 0) return output.text;
  throw new GantryError({
    code: 'collect.failed',
    whose: 'environment',
    message: `${command.join(' ')} ended with exit code ${code}`,
    why: excerpt(output.text, 10),
    next: `Look at the logs of ${process}, then try again.`,
  });
}
