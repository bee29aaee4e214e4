import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfigured } from '../../cloud/cloud.ts';
import { editCloudYaml } from '../../config/edit.ts';
import { usageError } from '../../errors.ts';
import type { GlobalOptions } from '../options.ts';

/** Writes the numbers into cloud.yaml, where the next `up` finds them too, and brings the cloud to them. */
export async function run(
  options: GlobalOptions & { dryRun?: boolean },
  [assignments]: (string | string[] | undefined)[],
): Promise<number> {
  const replicas = [assignments ?? []].flat().map(parseAssignment);
  const overrides = Object.fromEntries(replicas.map(([process, count]) => [`replicas.${process}`, count]));
  await loadConfigured({ ...options, overrides });
  if (options.dryRun) {
    const plan = await import('./plan.ts');
    return plan.run({ ...options, overrides, output: 'table' });
  }
  const path = resolve(options.file ?? 'cloud.yaml');
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const after = editCloudYaml(
    before,
    replicas.map(([process, count]) => [['replicas', process], count]),
  );
  if (after !== before) {
    writeFileSync(`${path}.new`, after);
    renameSync(`${path}.new`, path);
    for (const [name, count] of replicas) {
      process.stderr.write(`${path}: replicas.${name} is ${count} now\n`);
    }
  }
  const up = await import('./up.ts');
  return up.run(options);
}

function parseAssignment(text: string): [process: string, count: number] {
  const match = /^([a-z0-9-]+)=(\d{1,4})$/.exec(text);
  if (match) return [match[1] as string, Number(match[2])];
  throw usageError(`"${text}" is not a process with a number, such as nova-api=5`);
}
