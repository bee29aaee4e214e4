import { type Replicas, scale, withReplicas } from '../../cloud/scale.ts';
import { ExitCode, usageError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { exitCodeOf } from '../terminal.ts';
import { printPlan } from './plan.ts';

export const run: Command<'scale'> = async (options, [assignments], terminal) => {
  const replicas = assignments.map(parseAssignment);
  if (options.dryRun) {
    await printPlan(await withReplicas(options, replicas), { output: 'table' }, terminal);
    return ExitCode.done;
  }
  const { result } = await scale(options, replicas, terminal);
  return exitCodeOf(result);
};

function parseAssignment(text: string): Replicas[number] {
  const match = /^([a-z0-9-]+)=(\d{1,4})$/.exec(text);
  if (match) return [match[1] as string, Number(match[2])];
  throw usageError(`"${text}" is not a process with a number, such as nova-api=5`);
}
