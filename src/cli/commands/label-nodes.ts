import { loadConfigured } from '../../cloud/configured.ts';
import { labelNodes, parseRoles } from '../../cloud/nodes.ts';
import { ExitCode } from '../../errors.ts';
import type { GlobalOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export async function run(
  options: GlobalOptions & { role: string; remove?: boolean },
  [names]: (string | string[] | undefined)[],
  terminal: Terminal,
): Promise<number> {
  const roles = parseRoles(options.role);
  const nodes = [names ?? []].flat();
  const { remove = false } = options;
  await labelNodes(await loadConfigured(options), { nodes, roles, remove }, terminal);
  return ExitCode.done;
}
