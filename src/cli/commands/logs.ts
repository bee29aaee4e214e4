import { openCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { ExitCode } from '../../errors.ts';
import type { Process } from '../../model/workload.ts';
import type { Command } from '../command.ts';
import { parseSince, parseTail } from '../ranges.ts';

export const run: Command<'logs'> = async (options, [names], terminal) => {
  const since = options.since === undefined ? undefined : parseSince(options.since, Date.now());
  const tail = options.tail === undefined ? undefined : parseTail(options.tail);
  const cloud = await openCloud(await loadConfigured(options), {}, terminal);
  const processes =
    names.length === 0 ? [] : names.flatMap((name) => processesNamed(cloud.desired.processes, name));
  const width = Math.max(0, ...processes.map((name) => name.length));
  await cloud.engine.logs(cloud.config.name, processes, {
    follow: options.follow === true,
    ...(since === undefined ? {} : { since }),
    ...(tail === undefined ? {} : { tail }),
    signal: terminal.signal,
    onLine: ({ process: from, text }) => {
      process.stdout.write(processes.length === 1 ? `${text}\n` : `${from.padEnd(width)} | ${text}\n`);
    },
    onOutOfReach: ({ process: from, node }) => {
      process.stderr.write(
        `warning: ${from}: what it wrote on ${node} is left out: the node does not answer\n`,
      );
    },
  });
  return ExitCode.done;
};

/** A process by its name, or all of a service or per device; what is none of these is left to the engine to refuse. */
function processesNamed(
  processes: readonly Pick<Process, 'name' | 'service' | 'instanceOf'>[],
  name: string,
): string[] {
  if (processes.some((process) => process.name === name)) return [name];
  const found = processes.filter(({ service, instanceOf }) => service === name || instanceOf === name);
  return found.length > 0 ? found.map((process) => process.name) : [name];
}
