import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { editCloudYaml } from '../config/edit.ts';
import { stampEvents } from '../run/emit.ts';
import { type Caller, inform } from './caller.ts';
import type { CloudChoice } from './choice.ts';
import { type Configured, loadConfigured } from './configured.ts';
import { bringUp, type UpResult } from './up.ts';

/** How many instances of each process are to run. */
export type Replicas = readonly (readonly [process: string, count: number])[];

/** The cloud as cloud.yaml would describe it with these numbers. Throws where they cannot be. */
export async function withReplicas(choice: CloudChoice, replicas: Replicas): Promise<Configured> {
  const numbers = replicas.map(([process, count]) => [`replicas.${process}`, count]);
  return loadConfigured({ ...choice, overrides: { ...choice.overrides, ...Object.fromEntries(numbers) } });
}

/** Writes the numbers into cloud.yaml, where the next `up` finds them too, and brings the cloud to them. */
export async function scale(choice: CloudChoice, replicas: Replicas, caller: Caller): Promise<UpResult> {
  const { config } = await withReplicas(choice, replicas);
  const emit = stampEvents({ cloud: config.name }, [caller.emit]);
  const path = resolve(choice.file ?? 'cloud.yaml');
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const after = editCloudYaml(
    before,
    replicas.map(([process, count]) => [['replicas', process], count]),
  );
  if (after !== before) {
    writeFileSync(`${path}.new`, after);
    renameSync(`${path}.new`, path);
    for (const [name, count] of replicas) inform(emit, `${path}: replicas.${name} is ${count} now`);
  }
  return bringUp(await loadConfigured(choice), { command: 'gantry scale' }, caller);
}
