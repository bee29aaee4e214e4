import { ExitCode } from '../../errors.ts';
import { openCloud } from '../cloud.ts';
import { nodesOf, parseRoles } from '../nodes.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(
  options: GlobalOptions & { role: string; remove?: boolean },
  [names]: (string | string[] | undefined)[],
): Promise<number> {
  const roles = parseRoles(options.role);
  const control = nodesOf(await openCloud(options, { dryRun: true }));
  const given = [names ?? []].flat();
  const nodes = given.length > 0 ? given : (await control.list()).map(({ name }) => name);
  for (const node of nodes) {
    await control.setRoles(node, roles, options.remove !== true);
    process.stderr.write(`${node}: ${options.remove ? 'no longer' : 'now'} ${roles.join(', ')}\n`);
  }
  return ExitCode.done;
}
