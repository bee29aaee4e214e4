import { PassThrough, Writable } from 'node:stream';
import { GantryError } from '../errors.ts';
import type { KeptEvent, ServiceEvents } from '../model/event.ts';
import { loadBrought } from '../resolve/brought.ts';
import { sayAudit } from './audit-words.ts';
import type { Cloud } from './cloud.ts';
import { readIdentityNames, withNames } from './identity-names.ts';

/** An event with the service that told of it, and in its words where it is one for people. */
export interface ToldEvent extends KeptEvent {
  service: string;
  text: string | undefined;
}

export interface EventsWanted {
  /** Seconds since the epoch; undefined for all that are kept. */
  since: number | undefined;
  /** Those that come as well, until `signal` says so. */
  follow: boolean;
  signal: AbortSignal;
}

/**
 * Hands over what is kept of what the services of the cloud told of, the oldest first, each once, and says when that was all.
 * Throws `events.off`, and `events.failed` where the process that keeps them does not answer.
 */
export async function readEvents(
  cloud: Cloud,
  { since, follow, signal }: EventsWanted,
  { onEvent, onAllGiven }: { onEvent(event: ToldEvent): void; onAllGiven(): void },
): Promise<void> {
  const { engine, config, desired, root, services } = cloud;
  const log = desired.eventLog;
  if (!log) throw eventsAreOff(config.name);
  const [words, names] = await Promise.all([
    loadBrought<ServiceEvents>(
      root,
      services,
      'events.ts',
      (name) => import(`../../catalogue/${name}/events.ts`),
    ),
    readIdentityNames(cloud, signal),
  ]);
  const stdout = eventLines((event) => {
    const teller = words.find(({ exchange }) => exchange === event.exchange);
    const text = sayAudit(event) ?? teller?.say(event);
    onEvent({
      ...event,
      service: teller?.service ?? event.exchange,
      text: text === undefined ? undefined : withNames(text, names),
    });
  }, onAllGiven);
  // The command goes on until this ends: no engine can end a command.
  const stdin = new PassThrough();
  signal.addEventListener('abort', () => stdin.end(), { once: true });
  const command = [
    ...log.command,
    ...(since === undefined ? [] : ['--since', String(since)]),
    ...(follow ? ['--follow'] : []),
  ];
  const code = await engine.exec(config.name, log.process, command, { stdin, stdout });
  if (code !== 0) {
    throw new GantryError({
      code: 'events.failed',
      whose: 'environment',
      message: `${log.process} did not give what it has kept (exit code ${code})`,
      next: `look at "gantry logs ${log.process}"`,
    });
  }
}

/** A line of JSON is an event; one that was written twice is the same one. After an empty line come those that happen now. */
export function eventLines(onEvent: (event: KeptEvent) => void, onAllGiven: () => void): Writable {
  const seen = new Set<string>();
  let rest = '';
  const decoder = new TextDecoder();
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          onAllGiven();
          continue;
        }
        const event = JSON.parse(line) as KeptEvent;
        if (seen.has(event.id)) continue;
        seen.add(event.id);
        onEvent(event);
      }
      done();
    },
  });
}

function eventsAreOff(cloud: string): GantryError {
  return new GantryError({
    code: 'events.off',
    whose: 'user',
    message: `nobody keeps what happens in the cloud ${cloud}`,
    next: 'set services.events to true in cloud.yaml, then "gantry up": from then on it is kept',
  });
}
