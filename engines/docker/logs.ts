import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { LogOptions } from '../../src/engine/engine.ts';
import { unknownProcess } from '../../src/engine/target.ts';
import { demultiplex } from './demultiplex.ts';
import { isAbort, unlessMissing } from './failure.ts';
import { listContainers } from './find.ts';
import { Label, labelled } from './labels.ts';

type Line = Parameters<LogOptions['onLine']>[0];
/** From where the lines of a container are read. */
type Start = Pick<LogOptions, 'since' | 'tail'>;

/**
 * Output of the given processes, of all where none is given. Without `follow` lines of different containers
 * are ordered by time; with it containers that start meanwhile are followed too, until the abort.
 */
export async function readLogs(
  docker: Docker,
  cloud: string,
  processes: string[],
  options: LogOptions,
): Promise<void> {
  // Watched from before the list is taken, so that no start falls between the two.
  const starts = options.follow ? await watchContainers(docker, cloud, options.signal) : undefined;
  const containers = await listContainers(docker, cloud);
  const known = containers.map((info) => info.Labels[Label.process] ?? '');
  const missing = processes.find((process) => !known.includes(process));
  if (missing) {
    starts?.destroy();
    throw unknownProcess(missing, { cloud, kind: 'container', known });
  }
  const chosen = containers.filter((info) => isChosen(info.Labels, processes));
  if (starts) return follow(docker, processes, chosen, starts, options);

  const lines: Line[] = [];
  await Promise.all(
    chosen.map((info) =>
      readContainer(docker.getContainer(info.Id), info.Labels, options, (line) => lines.push(line)),
    ),
  );
  // RFC 3339 in UTC with nine decimals: the order of the text is the order of time.
  lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  for (const line of lines) options.onLine(line);
}

function isChosen(labels: Record<string, string>, processes: string[]): boolean {
  return processes.length === 0 || processes.includes(labels[Label.process] ?? '');
}

async function readContainer(
  container: Docker.Container,
  labels: Record<string, string>,
  options: Start,
  onLine: (line: Line) => void,
): Promise<void> {
  const recorded = await unlessMissing(container.logs({ ...query(options), follow: false }));
  if (recorded) await pipeline([recorded], splitter(labels, onLine));
}

/** The engine's events of containers that start. */
async function watchContainers(docker: Docker, cloud: string, signal?: AbortSignal): Promise<Readable> {
  const events = await docker.getEvents({
    filters: { ...labelled(cloud), type: ['container'], event: ['start'] },
    ...(signal ? { abortSignal: signal } : {}),
  });
  return events as Readable;
}

async function follow(
  docker: Docker,
  processes: string[],
  present: Docker.ContainerInfo[],
  starts: Readable,
  options: LogOptions,
): Promise<void> {
  const { signal, onLine } = options;
  const followed = new Set<string>();
  /** Time of the last line by container: one that starts again goes on from there. */
  const lastSeen = new Map<string, string>();
  let fail: (thrown: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });

  const followOne = async (id: string, labels: Record<string, string>, from: Start) => {
    if (followed.has(id)) return;
    followed.add(id);
    const seen = lastSeen.get(id) ?? '';
    const sink = splitter(labels, (line) => {
      if (line.at <= seen) return;
      lastSeen.set(id, line.at);
      onLine(line);
    });
    try {
      const stream = await unlessMissing(
        docker.getContainer(id).logs({ ...query(from), follow: true, abortSignal: signal }),
      );
      if (stream) await pipeline(stream, sink);
    } catch (thrown) {
      if (!signal?.aborted && !isAbort(thrown)) fail(thrown);
    } finally {
      followed.delete(id);
    }
  };

  for (const info of present) void followOne(info.Id, info.Labels, options);
  const watcher = readStarts(starts, (id, labels) => {
    if (!isChosen(labels, processes)) return;
    const seen = lastSeen.get(id);
    void followOne(id, labels, seen ? { since: Math.floor(Date.parse(seen) / 1000) } : {});
  });
  try {
    await Promise.race([watcher, failed]);
  } catch (thrown) {
    if (!signal?.aborted) throw thrown;
  }
}

/** Reads the engine's event stream, one JSON object a line, until it ends. */
async function readStarts(
  events: Readable,
  onStart: (id: string, labels: Record<string, string>) => void,
): Promise<void> {
  let rest = '';
  for await (const chunk of events) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const event = JSON.parse(line) as EngineEvent;
      onStart(event.Actor.ID, event.Actor.Attributes);
    }
  }
}

interface EngineEvent {
  /** Attributes hold the labels of the container. */
  Actor: { ID: string; Attributes: Record<string, string> };
}

function query({ since, tail }: Start) {
  return {
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(since === undefined ? {} : { since }),
    ...(tail === undefined ? {} : { tail }),
  };
}

/** Cuts a log stream into lines; each starts with the engine's time stamp and a space. */
function splitter(labels: Record<string, string>, onLine: (line: Line) => void): Writable {
  const process = labels[Label.process] ?? '';
  const ordinal = Number(labels[Label.ordinal] ?? 0);
  const lineSink = () => {
    let rest = '';
    const emit = (text: string) => {
      const space = text.indexOf(' ');
      const at = space < 0 ? text : text.slice(0, space);
      onLine({ process, ordinal, at, text: space < 0 ? '' : text.slice(space + 1).replace(/\r$/, '') });
    };
    const decoder = new TextDecoder();
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) emit(line);
        done();
      },
      final(done) {
        if (rest) emit(rest);
        done();
      },
    });
  };
  const stdout = lineSink();
  const stderr = lineSink();
  const demultiplexer = demultiplex(stdout, stderr);
  demultiplexer.on('finish', () => {
    stdout.end();
    stderr.end();
  });
  return demultiplexer;
}
