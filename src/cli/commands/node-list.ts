import { openEngineOf } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { nodesOf } from '../../cloud/nodes.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { formatTable } from '../table.ts';

export const run: Command<'node list'> = async (options, _arguments, terminal) => {
  const nodes = await nodesOf(await openEngineOf(await loadConfigured(options), terminal)).list();
  if (options.output === 'json') {
    process.stdout.write(`${JSON.stringify(nodes, null, 2)}\n`);
    return ExitCode.done;
  }
  const rows = nodes.map(({ name, roles, ready, unlabelled }) => [
    name,
    ready ? 'ready' : 'not ready',
    unlabelled ? `none yet; up makes it ${roles.join(', ')}` : roles.join(', '),
  ]);
  process.stdout.write(`${formatTable(['NODE', 'STATE', { title: 'ROLES', wraps: true }], rows)}\n`);
  return ExitCode.done;
};
