import type Docker from 'dockerode';
import { messageOf } from '../../src/errors.ts';
import type { ObservedInstance } from '../../src/model/observed.ts';
import type { InstanceUsage, Usage } from '../../src/model/usage.ts';
import { unlessMissing } from './failure.ts';

type Stats = Pick<Docker.ContainerStats, 'memory_stats' | 'cpu_stats' | 'precpu_stats'>;

/** What running instances use. The engine looks at each of them twice, a second apart, at all of them at the same time. */
export async function readUsage(docker: Docker, instances: readonly ObservedInstance[]): Promise<Usage> {
  const found = new Map<string, InstanceUsage>();
  const unknown = new Set<string>();
  await Promise.all(
    instances
      .filter(({ state }) => state === 'running')
      .map(async ({ id }) => {
        try {
          const stats = await unlessMissing(docker.getContainer(id).stats({ stream: false }));
          if (stats) found.set(id, usageOf(stats));
        } catch (thrown) {
          unknown.add(`the engine does not say what containers use: ${messageOf(thrown)}`);
        }
      }),
  );
  return { instances: found, unknown: [...unknown] };
}

/** As the engine's own client counts: https://docs.docker.com/reference/cli/docker/container/stats/ */
export function usageOf({
  memory_stats: memory,
  cpu_stats: now,
  precpu_stats: before,
}: Stats): InstanceUsage {
  const parts: Partial<Record<string, number>> = { ...memory.stats };
  // By version 1 of control groups what is below the container's own counts as well.
  const files = parts.total_inactive_file ?? parts.inactive_file ?? 0;
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = now.system_cpu_usage - before.system_cpu_usage;
  return {
    memoryMiB: memory.usage === undefined ? undefined : (memory.usage - files) / 1024 ** 2,
    // The system's time is that of all CPUs together.
    cpus: passed > 0 ? (used / passed) * now.online_cpus : undefined,
  };
}
