import { listNames, suggest } from '../config/nearest.ts';
import { usageError } from '../errors.ts';
import type { OperationContext, Rotation } from '../model/operation.ts';
import { loadOperations } from '../resolve/operations.ts';
import { type Caller, inform } from './caller.ts';
import type { Ended } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { execIn, rotateIn } from './rotate.ts';

/** Changes keys in the way that a service of the cloud brings; see model/operation.ts. */
export async function rotateKeys(
  configured: Configured,
  { name }: { name: string },
  caller: Caller,
): Promise<Ended> {
  const { rotations } = await loadOperations(configured.root, configured.services);
  const rotation = find(rotations, name);
  return rotateIn(configured, name, caller, async ({ confirm, emit, signal }, cloud) => {
    const { description, outcome, run } = await rotation.prepare(contextOf(cloud, signal));
    await confirm({ kind: 'rotate', text: description });
    await run();
    inform(emit, outcome);
    return { result: 'done' };
  });
}

/** Services that are off bring nothing. */
function find(rotations: readonly Rotation[], name: string): Rotation {
  const found = rotations.find((one) => one.name === name);
  if (found) return found;
  const valid = rotations.map((one) => one.name);
  throw usageError(`no service of the cloud has keys "${name}"${suggest(name, valid)}`, {
    why: listNames('Keys', valid),
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
