import { openRunningCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { readEvents, type ToldEvent } from '../../cloud/events.ts';
import { suggest } from '../../config/nearest.ts';
import { ExitCode, usageError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { parseSince, parseTail } from '../ranges.ts';

/** Width of the longest name of a service that tells of something. */
const SERVICE_WIDTH = 8;

export const run: Command<'events'> = async (options, _arguments, terminal) => {
  const since = options.since === undefined ? undefined : parseSince(options.since, Date.now());
  const tail = options.tail === undefined ? undefined : parseTail(options.tail);
  const { service: wanted, about, all = false } = options;
  const cloud = await openRunningCloud(await loadConfigured(options), {}, terminal);
  const names = cloud.services.map(({ name }) => name);
  if (wanted !== undefined && !names.includes(wanted)) {
    throw usageError(`the cloud ${cloud.config.name} has no service ${wanted}${suggest(wanted, names)}`);
  }
  const isWanted = ({ service, text, ...event }: ToldEvent): boolean =>
    (wanted === undefined || service === wanted) &&
    (all || text !== undefined) &&
    (about === undefined || JSON.stringify(event).includes(about));
  const show = (event: ToldEvent) => {
    process.stdout.write(`${options.output === 'json' ? JSON.stringify(event) : formatEvent(event)}\n`);
  };
  // Which are the last ones is known when all that is kept was given.
  let held: ToldEvent[] | undefined = tail === undefined ? undefined : [];
  await readEvents(
    cloud,
    { since, follow: options.follow === true, signal: terminal.signal },
    {
      onEvent: (event) => {
        if (!isWanted(event)) return;
        if (!held) return show(event);
        held.push(event);
        if (held.length > (tail ?? 0)) held.shift();
      },
      onAllGiven: () => {
        for (const event of held ?? []) show(event);
        held = undefined;
      },
    },
  );
  return ExitCode.done;
};

function formatEvent({ at, service, text, type, priority }: ToldEvent): string {
  return `${at.slice(0, 19)}Z  ${service.padEnd(SERVICE_WIDTH)}  ${text ?? `(${type}, ${priority})`}`;
}
