import type { NodeControl, StepContext } from '../engine/engine.ts';
import { ExitCode, GantryError, usageError } from '../errors.ts';
import { type NodeRole, nodeRoles, roleTraits } from '../model/node-role.ts';
import type { Emit } from '../run/events.ts';
import { type Caller, inform } from './caller.ts';
import { type Opened, openCloud, openEngineOf } from './cloud.ts';
import type { Configured } from './configured.ts';
import { publicAddress } from './facts.ts';

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

/** Gives nodes roles, or takes them away. */
export async function labelNodes(
  configured: Configured,
  options: {
    /** All of them where none is named. */
    nodes: readonly string[];
    roles: readonly NodeRole[];
    remove: boolean;
  },
  caller: Caller,
): Promise<void> {
  const { roles, remove } = options;
  const opened = await openEngineOf(configured, caller);
  const control = nodesOf(opened);
  const nodes = options.nodes.length > 0 ? options.nodes : (await control.list()).map(({ name }) => name);
  // The first control node is labelled before there is an address to render a cloud with, or anything to prepare.
  const isRendered = publicAddress(opened.config, await opened.engine.facts()) !== undefined;
  const desired =
    isRendered && !remove ? (await openCloud(configured, { opened }, caller)).desired : undefined;
  for (const node of nodes) {
    if (desired) await control.prepare(node, desired, reporter(node, opened.emit, caller.signal));
    await control.changeRoles(node, remove ? { remove: roles } : { add: roles });
    inform(opened.emit, `${node}: ${remove ? 'no longer' : 'now'} ${roles.join(', ')}`);
  }
  for (const text of nextUp(roles)) inform(opened.emit, text);
}

/** What is left for the next `up` where nodes got or lost these roles, a sentence each. */
export function nextUp(roles: readonly NodeRole[]): string[] {
  const left = roles.flatMap((role) => roleTraits[role].followedBy ?? []);
  return left.map((text) => `The next "gantry up" sees to it that ${text}.`);
}

/** Tells whenever what is waited for changes. */
function reporter(node: string, emit: Emit, signal: AbortSignal): StepContext {
  let last = '';
  const waiting = (text: string): void => {
    if (text !== last) inform(emit, `${node}: waiting for ${text}`);
    last = text;
  };
  return { signal, waiting, progress: () => undefined, log: () => undefined };
}
