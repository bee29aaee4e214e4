import type { OperationContext } from '../model/operation.ts';
import { loadOperations } from '../resolve/operations.ts';
import { type Caller, inform } from './caller.ts';
import type { Ended } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { findOperation } from './operation.ts';
import { execIn, rotateIn } from './rotate.ts';
import { rotateLogins } from './rotate-logins.ts';
import { rotateSecret } from './rotate-secret.ts';

/** Changes keys in the way that a service of the cloud brings; see model/operation.ts. */
export async function rotateKeys(
  configured: Configured,
  { name }: { name: string },
  caller: Caller,
): Promise<Ended> {
  const { rotations } = await loadOperations(configured.root, configured.services);
  const rotation = findOperation(rotations, name, { verb: 'has keys', all: 'Keys' });
  return rotateIn(configured, name, caller, async (run, cloud) => {
    if ('secret' in rotation) return rotateSecret(rotation, run, cloud);
    if ('users' in rotation) return rotateLogins(rotation, run, cloud);
    const prepared = await rotation.prepare(contextOf(cloud, run.signal));
    await run.confirm({ kind: 'rotate', text: prepared.description });
    await prepared.run();
    inform(run.emit, prepared.outcome);
    return { result: 'done' };
  });
}

function contextOf(cloud: Cloud, signal: AbortSignal): OperationContext {
  return {
    exec: (process, command) => execIn(cloud, process, command, signal),
    sections: (process, path) => {
      const files = cloud.desired.processes.find(({ name }) => name === process)?.files ?? [];
      return files.find((file) => file.path === path)?.sections ?? {};
    },
    now: () => Date.now(),
  };
}
