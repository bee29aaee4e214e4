import { GantryError } from '../errors.ts';
import { excerpt } from '../model/strings.ts';
import type { Process } from '../model/workload.ts';

/**
 * Has a process take up its changed reloadable files. A signal is sent from inside, by the shell's own kill: images
 * need not have the program, and Docker Engine ends its restart policy for a container that it signals itself
 * (moby's daemon/kill.go, for any signal where the container names none to stop by).
 * @param run runs a command in the instance; its output is standard output and error as one
 * @throws GantryError `process.reload-failed` where the process refuses the files
 */
export async function takeUpFiles(
  { name, reload }: Process,
  run: (command: string[]) => Promise<{ exitCode: number; output: string }>,
): Promise<void> {
  if (!reload) return;
  const command =
    'signal' in reload ? ['sh', '-c', `kill -${reload.signal.replace(/^SIG/, '')} 1`] : reload.command;
  const { exitCode, output } = await run(command);
  if (exitCode === 0) return;
  throw new GantryError({
    code: 'process.reload-failed',
    whose: 'environment',
    message: `${name} refused its changed files`,
    why: excerpt(output, 20) || `${command[0]} exited with code ${exitCode}`,
    next: 'It still runs with the files from before; correct the option and run `gantry up` again.',
  });
}
