import { text } from 'node:stream/consumers';
import type { ClusterApi } from '../api/client.ts';
import { httpStatusOf } from '../api/failure.ts';
import type { ContainerStatus, Pod } from '../api/objects.ts';
import { runningInit } from '../waiters/pod.ts';

interface OutputOptions {
  /** Of that many lines, the last. */
  tail?: number;
  /** What the container wrote before it was started again. */
  previous?: boolean;
}

/**
 * Everything that a pod's container wrote, as far as its node has kept it: the first, or one that only prepares, where
 * that failed or still runs.
 */
export async function readOutput(api: ClusterApi, pod: Pod, options: OutputOptions = {}): Promise<string> {
  const { metadata, spec, status } = pod;
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;
  const preparing = runningInit(pod) ?? status.initContainerStatuses?.find(hasFailed);
  const answer = await api.stream(path, {
    query: {
      container: preparing?.name ?? spec.containers[0]?.name,
      tailLines: options.tail,
      previous: options.previous ? true : undefined,
    },
  });
  return text(answer);
}

function hasFailed({ state, lastState }: ContainerStatus): boolean {
  const ended = state.terminated ?? (state.running ? undefined : lastState?.terminated);
  return ended !== undefined && ended.exitCode !== 0;
}

/** The last lines of a container that keeps exiting: of its last run, which may be the one before. */
export async function lastLines(api: ClusterApi, pod: Pod, count: number): Promise<string[]> {
  const present = await linesOf(api, pod, { tail: count });
  return present.length > 0 ? present : linesOf(api, pod, { tail: count, previous: true });
}

async function linesOf(api: ClusterApi, pod: Pod, options: OutputOptions): Promise<string[]> {
  try {
    const output = await readOutput(api, pod, options);
    return output.split('\n').filter((line) => line.trim() !== '');
  } catch (thrown) {
    // 400: the container has not run yet, or not before.
    if (httpStatusOf(thrown) === 400 || httpStatusOf(thrown) === 404) return [];
    throw thrown;
  }
}
