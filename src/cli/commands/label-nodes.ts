import { openCloud, openEngineOf } from '../../cloud/cloud.ts';
import { publicAddress } from '../../cloud/facts.ts';
import { nodesOf, parseRoles } from '../../cloud/nodes.ts';
import { ExitCode } from '../../errors.ts';
import type { StepContext } from '../../model/engine.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(
  options: GlobalOptions & { role: string; remove?: boolean },
  [names]: (string | string[] | undefined)[],
): Promise<number> {
  const roles = parseRoles(options.role);
  const opened = await openEngineOf(options);
  const control = nodesOf(opened);
  const given = [names ?? []].flat();
  const nodes = given.length > 0 ? given : (await control.list()).map(({ name }) => name);
  const signal = interruptSignal();
  // The first control node is labelled before there is an address to render a cloud with, or anything to prepare.
  const isRendered = publicAddress(opened.config, await opened.engine.facts()) !== undefined;
  const desired = isRendered && !options.remove ? (await openCloud(options, { opened })).desired : undefined;
  for (const node of nodes) {
    if (desired) await control.prepare(node, desired, reporter(node, signal));
    await control.setRoles(node, roles, options.remove !== true);
    process.stderr.write(`${node}: ${options.remove ? 'no longer' : 'now'} ${roles.join(', ')}\n`);
  }
  return ExitCode.done;
}

/** A line whenever what is waited for changes. */
function reporter(node: string, signal: AbortSignal): StepContext {
  let last = '';
  const say = (text: string): void => {
    if (text !== last) process.stderr.write(`${node}: waiting for ${text}\n`);
    last = text;
  };
  return { signal, waiting: say, progress: () => undefined, log: () => undefined };
}
