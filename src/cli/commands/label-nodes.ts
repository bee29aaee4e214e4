import { loadConfigured } from '../../cloud/configured.ts';
import { labelNodes, parseRoles } from '../../cloud/nodes.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';

export const run: Command<'label-nodes'> = async (options, [nodes], terminal) => {
  const roles = parseRoles(options.role);
  const { remove = false } = options;
  await labelNodes(await loadConfigured(options), { nodes, roles, remove }, terminal);
  return ExitCode.done;
};
