import { KeptOutput } from '../engine/output.ts';
import { GantryError } from '../errors.ts';
import { job } from '../model/make.ts';
import type { RegistryAccess } from '../model/offers.ts';
import { excerpt } from '../model/strings.ts';
import type { Job } from '../model/workload.ts';
import { type Caller, inform } from './caller.ts';
import { changeRunning, type Ended } from './change.ts';
import { type Cloud, openRunningCloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { putInForce, requireUpToDate } from './rotate.ts';

/** Longest time that a collection may take, in seconds. */
const LIMIT = 6 * 3600;

/** What a client of container images logs in with. */
export interface RegistryLogin extends Pick<RegistryAccess, 'address' | 'user'> {
  password: string;
}

/** Throws `registry.none` where the cloud has none for users. */
export async function readRegistryLogin(configured: Configured, caller: Caller): Promise<RegistryLogin> {
  const cloud = await openRunningCloud(configured, {}, caller);
  const { address, user, secret } = registryOf(cloud);
  return { address, user, password: cloud.secrets.get(secret) };
}

/**
 * Removes what no image of the registry is made of. What is pushed meanwhile would be lost: so nobody may push from
 * before the beginning to after the end.
 * @param options `untagged`: images that no tag leads to go as well
 */
export async function collectRegistry(
  configured: Configured,
  { untagged }: { untagged: boolean },
  caller: Caller,
): Promise<Ended> {
  return changeRunning(configured, { command: 'gantry registry collect' }, caller, async (run, cloud) => {
    const registry = registryOf(cloud);
    await requireUpToDate(cloud, 'collect');
    await run.confirm({
      kind: 'collect',
      text: `What no image of ${registry.address} is made of${untagged ? ', and images without a tag,' : ''} will be removed. Until then images can be pulled, not pushed.`,
    });
    const paused = await putInForce('Letting nobody push', run, { sections: registry.readOnly });
    if (paused.result !== 'done') return paused;
    inform(run.emit, 'Images can be pulled, not pushed.');
    try {
      const { engine, desired } = cloud;
      const command = registry.collect[untagged ? 'untagged' : 'unused'];
      const output = new KeptOutput();
      const how = { stdout: output, stderr: output, signal: run.signal };
      const code = await engine.runOnce(desired, collectionJob(cloud, registry.process, command), how);
      if (code !== 0) throw failed(code, output.text);
      inform(run.emit, describe(output.text));
    } catch (thrown) {
      if (run.signal.aborted) {
        inform(run.emit, 'Nobody can push until "gantry up" is run.');
        return { result: 'interrupted' };
      }
      await putInForce('Letting everybody push again', run);
      throw thrown;
    }
    return putInForce('Letting everybody push again', run);
  });
}

function registryOf({ config, desired }: Cloud): RegistryAccess {
  if (desired.containerRegistry) return desired.containerRegistry;
  throw new GantryError({
    code: 'registry.none',
    whose: 'user',
    message: `the cloud ${config.name} has no registry for users`,
    next: 'set services.registry, and what it is kept in, to true in cloud.yaml and run "gantry up"',
  });
}

/** A job with all that a process has: its files, and whom it reaches. */
function collectionJob({ desired }: Cloud, name: string, command: readonly string[]): Job {
  const process = desired.processes.find((one) => one.name === name);
  if (!process) throw new Error(`no process is named ${name}`);
  const { service, image, user, files, reaches } = process;
  return job({
    name: `${name}-collect`,
    service,
    image,
    user,
    files,
    reaches,
    command: [...command],
    timeoutSeconds: LIMIT,
  });
}

function failed(code: number, output: string): GantryError {
  return new GantryError({
    code: 'registry.collection-failed',
    whose: 'environment',
    message: `what no image is made of could not be removed: exit code ${code}`,
    why: excerpt(output, 10),
    next: 'Images are as they were. Look at the logs of the processes that keep them, then try again.',
  });
}

/** The collection names each layer that it removes. */
function describe(output: string): string {
  const removed = output.split('\n').filter((line) => line.startsWith('blob eligible for deletion')).length;
  return removed === 0 ? 'There was nothing to remove.' : `${removed} layers and manifests were removed.`;
}
