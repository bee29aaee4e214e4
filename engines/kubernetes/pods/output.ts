import { text } from 'node:stream/consumers';
import type { ClusterApi } from '../api/client.ts';
import { httpStatusOf } from '../api/failure.ts';
import type { Pod } from '../api/objects.ts';

/** Everything that a container of a pod wrote, as far as its node has kept it: the first unless said. */
export async function readOutput(
  api: ClusterApi,
  { metadata, spec }: Pod,
  options: { container?: string | undefined; tail?: number; previous?: boolean } = {},
): Promise<string> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;
  const answer = await api.stream(path, {
    query: {
      container: options.container ?? spec.containers[0]?.name,
      tailLines: options.tail,
      previous: options.previous ? true : undefined,
    },
  });
  return text(answer);
}

/**
 * The last lines of the container of a pod that keeps exiting: of its last run, which may be the one before. While one
 * that only prepares fails, the others never run.
 */
export async function lastLines(api: ClusterApi, pod: Pod, count: number): Promise<string[]> {
  const container = pod.status.initContainerStatuses?.find(hasFailed)?.name;
  const present = await linesOf(api, pod, { container, tail: count, previous: false });
  return present.length > 0 ? present : linesOf(api, pod, { container, tail: count, previous: true });
}

function hasFailed({ state, lastState }: { state: State; lastState?: State }): boolean {
  const ended = state.terminated ?? (state.running ? undefined : lastState?.terminated);
  return ended !== undefined && ended.exitCode !== 0;
}

type State = NonNullable<Pod['status']['initContainerStatuses']>[number]['state'];

async function linesOf(
  api: ClusterApi,
  pod: Pod,
  options: { container: string | undefined; tail: number; previous: boolean },
): Promise<string[]> {
  try {
    const output = await readOutput(api, pod, options);
    return output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-options.tail);
  } catch (thrown) {
    // 400: the container has not run yet, or not before.
    if (httpStatusOf(thrown) === 400 || httpStatusOf(thrown) === 404) return [];
    throw thrown;
  }
}
