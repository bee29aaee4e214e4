import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { LogOptions } from '../../../src/engine/engine.ts';
import { unknownProcess } from '../../../src/engine/target.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure, httpStatusOf, isAbort } from '../api/failure.ts';
import { mapBounded } from '../api/pool.ts';
import { Label } from '../names.ts';
import { type CloudScope, listPods } from '../observe/live.ts';
import { readNodes } from '../observe/nodes.ts';
import { type NumberedPod, numberPods } from './find.ts';
import { lostAmong } from './lost.ts';

type Line = Parameters<LogOptions['onLine']>[0];

/** How often a follower looks for pods that have come, in milliseconds. */
const LOOK = 1_000;

/**
 * Output of the given processes, of all where none is given. Without `follow` lines of different pods are ordered
 * by time; with it pods that start meanwhile are followed too, until the abort.
 */
export async function readLogs(
  api: ClusterApi,
  clock: Clock,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  processes: string[],
  options: LogOptions,
): Promise<void> {
  try {
    const chosen = await listChosen(api, scope, processes);
    const isOutOfReach = lostAmong(await readNodes(api));
    for (const { pod, process } of chosen.filter(({ pod }) => isOutOfReach(pod))) {
      options.onOutOfReach?.({ process, node: pod.spec.nodeName ?? '' });
    }
    const pods = chosen.filter(({ pod }) => !isOutOfReach(pod));
    if (options.follow) return await follow(api, clock, { scope, processes, present: pods }, options);
    const lines: Line[] = [];
    await mapBounded(pods, 8, (one) => readPod(api, one, options, (line) => lines.push(line)));
    // RFC 3339 in UTC, but with as many decimals as there are: they are compared padded.
    lines.sort((a, b) => (sortable(a.at) < sortable(b.at) ? -1 : 1));
    for (const line of lines) options.onLine(line);
  } catch (thrown) {
    if (options.signal?.aborted) return;
    throw clusterFailure('The logs could not be read', thrown);
  }
}

async function listChosen(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  processes: string[],
): Promise<NumberedPod[]> {
  const pods = await listPods(api, scope);
  const all = [...numberPods(pods), ...jobPods(pods)];
  const known = all.map(({ process }) => process);
  const missing = processes.find((process) => !known.includes(process));
  if (missing) throw unknownProcess(missing, { cloud: scope.cloud, kind: 'pod', known });
  return processes.length === 0 ? all : all.filter(({ process }) => processes.includes(process));
}

function jobPods(pods: Awaited<ReturnType<typeof listPods>>): NumberedPod[] {
  return pods
    .filter(({ metadata }) => metadata.labels?.[Label.kind] === 'job')
    .map((pod) => ({ pod, process: pod.metadata.labels?.[Label.name] ?? pod.metadata.name, ordinal: 0 }));
}

/** One stream of one pod's first container; of a pod that has not started there is nothing. */
async function openLog(
  api: ClusterApi,
  { pod }: NumberedPod,
  options: Pick<LogOptions, 'tail' | 'signal'> & { follow: boolean; sinceTime?: string | undefined },
): Promise<IncomingMessage | undefined> {
  const { name, namespace } = pod.metadata;
  try {
    return await api.stream(`/api/v1/namespaces/${namespace}/pods/${name}/log`, {
      query: {
        container: pod.spec.containers[0]?.name,
        timestamps: true,
        follow: options.follow ? true : undefined,
        tailLines: options.tail,
        sinceTime: options.sinceTime,
      },
      signal: options.signal,
    });
  } catch (thrown) {
    if (httpStatusOf(thrown) === 400 || httpStatusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}

async function readPod(
  api: ClusterApi,
  one: NumberedPod,
  { since, tail, signal }: Pick<LogOptions, 'since' | 'tail' | 'signal'>,
  onLine: (line: Line) => void,
): Promise<void> {
  const stream = await openLog(api, one, {
    follow: false,
    ...(tail === undefined ? {} : { tail }),
    ...(signal ? { signal } : {}),
    sinceTime: since === undefined ? undefined : new Date(since * 1000).toISOString(),
  });
  if (stream) await splitLines(stream, one, onLine);
}

/** Each line starts with its time and a space. */
async function splitLines(
  stream: IncomingMessage,
  { process, ordinal }: NumberedPod,
  onLine: (line: Line) => void,
): Promise<void> {
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    const space = text.indexOf(' ');
    const at = space < 0 ? text : text.slice(0, space);
    onLine({ process, ordinal, at, text: space < 0 ? '' : text.slice(space + 1) });
  }
}

interface Followed {
  scope: Pick<CloudScope, 'cloud' | 'namespace'>;
  /** All where none is given. */
  processes: string[];
  present: NumberedPod[];
}

async function follow(
  api: ClusterApi,
  clock: Clock,
  { scope, processes, present }: Followed,
  options: LogOptions,
): Promise<void> {
  const { signal, onLine } = options;
  const followed = new Set<string>();
  /** Time of the last line by pod: a container that starts again goes on from there. */
  const lastSeen = new Map<string, string>();
  let failed: unknown;
  const followOne = async (one: NumberedPod, first: boolean): Promise<void> => {
    const id = one.pod.metadata.uid ?? one.pod.metadata.name;
    if (followed.has(id)) return;
    followed.add(id);
    const seen = lastSeen.get(id);
    const { since, tail } = first ? options : { since: undefined, tail: undefined };
    try {
      const stream = await openLog(api, one, {
        follow: true,
        ...(tail === undefined ? {} : { tail }),
        ...(signal ? { signal } : {}),
        sinceTime: seen ?? (since === undefined ? undefined : new Date(since * 1000).toISOString()),
      });
      if (!stream) return;
      await splitLines(stream, one, (line) => {
        if (seen !== undefined && sortable(line.at) <= sortable(seen)) return;
        lastSeen.set(id, line.at);
        onLine(line);
      });
    } catch (thrown) {
      // A connection that broke off is opened again at the next look.
      if (signal?.aborted || isAbort(thrown) || httpStatusOf(thrown) === undefined) return;
      if (!(await isLostNow(api, one))) failed = thrown;
    } finally {
      followed.delete(id);
    }
  };
  for (const one of present) void followOne(one, true);
  const chosen = ({ process }: NumberedPod): boolean => processes.length === 0 || processes.includes(process);
  for (;;) {
    await clock.sleep(LOOK, signal);
    if (failed) throw failed;
    const pods = await listPods(api, scope, signal);
    for (const one of [...numberPods(pods), ...jobPods(pods)].filter(chosen)) void followOne(one, false);
  }
}

async function isLostNow(api: ClusterApi, { pod }: NumberedPod): Promise<boolean> {
  return lostAmong(await readNodes(api).catch(() => []))(pod);
}

function sortable(at: string): string {
  const [whole = '', decimals = ''] = at.replace(/Z$/, '').split('.');
  return `${whole}.${decimals.padEnd(9, '0')}`;
}
