import { ExitCode, GantryError, usageError } from '../errors.ts';
import type { NodeControl } from '../model/engine.ts';
import { type NodeRole, nodeRoles } from '../model/workload.ts';
import type { Opened } from './cloud.ts';

/** The engine's nodes. Throws a usage error where the engine has only one. */
export function nodesOf({ engine, config }: Pick<Opened, 'engine' | 'config'>): NodeControl {
  if (engine.nodes) return engine.nodes;
  throw new GantryError({
    code: 'node.only-one',
    whose: 'user',
    message: `the cloud ${config.name} is on one machine: it has no nodes to list, label or drain`,
    next: 'these commands are for clouds on Kubernetes (--engine kubernetes)',
    exitCode: ExitCode.usage,
  });
}

/** Roles from a list separated by commas. Throws a usage error that names the ones there are. */
export function parseRoles(text: string): NodeRole[] {
  const given = text.split(',').map((role) => role.trim());
  const wrong = given.find((role) => !nodeRoles.includes(role as NodeRole));
  if (wrong === undefined) return [...new Set(given as NodeRole[])];
  throw usageError(`"${wrong}" is not a role of nodes`, { next: `the roles are ${nodeRoles.join(', ')}` });
}
