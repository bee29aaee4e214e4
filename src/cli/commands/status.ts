import { formatDuration } from '../../config/units.ts';
import { ExitCode } from '../../errors.ts';
import type { ObservedInstance } from '../../model/observed.ts';
import type { Process } from '../../model/workload.ts';
import { identityOf } from '../../plan/identity.ts';
import { type Cloud, identityUrl, openCloud } from '../cloud.ts';
import type { GlobalOptions } from '../options.ts';
import { formatTable } from '../report.ts';

/** State of an instance that is being stopped beside as many as are wanted. */
const LEFT_OVER = 'stopping';

interface Row {
  service: string;
  process: string;
  node: string | undefined;
  state: string;
  since: string | undefined;
  image: string;
  detail: string | undefined;
}

/** Exits with 1 when a process of the cloud is not healthy; what is only left to stop does not count. */
export async function run(options: GlobalOptions & { output: string }): Promise<number> {
  const cloud = await openCloud(options, { dryRun: true });
  const [{ instances }, { processes }] = await Promise.all([
    cloud.engine.observe(cloud.desired),
    cloud.engine.complete(cloud.desired),
  ]);
  const rows = processes.flatMap((process) =>
    ordinalsOf(process, instances).map((ordinal, _index, all): Row => {
      const found = instances.find((one) => one.workload === process.name && one.ordinal === ordinal);
      return {
        service: process.service,
        process: all.length > 1 ? `${process.name}-${ordinal}` : process.name,
        node: found?.node,
        state: found ? stateOf(found, process) : 'absent',
        since: found?.startedAt,
        image: imageOf(cloud, process.image),
        detail: found ? (found.detail ?? changed(process, imageOf(cloud, process.image), found)) : undefined,
      };
    }),
  );
  const endpoints = endpointsOf(cloud);
  const counted = rows.filter((row) => row.state !== LEFT_OVER);
  const healthy = counted.every((row) => row.state === 'healthy');
  if (options.output === 'json') {
    process.stdout.write(
      `${JSON.stringify({ cloud: cloud.config.name, healthy, processes: rows, endpoints }, null, 2)}\n`,
    );
    return healthy ? ExitCode.done : ExitCode.failed;
  }
  const now = Date.now();
  const onNodes = rows.some((row) => row.node !== undefined);
  const table = rows.map((row) => [
    row.service,
    row.process,
    ...(onNodes ? [row.node ?? ''] : []),
    row.state,
    row.since ? formatDuration(Math.max(1, Math.round((now - Date.parse(row.since)) / 1000))) : '',
    row.image,
    row.detail ?? '',
  ]);
  const summary = `${counted.filter((row) => row.state === 'healthy').length} of ${counted.length} processes healthy`;
  process.stdout.write(
    `${formatTable(['SERVICE', 'PROCESS', ...(onNodes ? ['NODE'] : []), 'STATE', 'SINCE', 'IMAGE', 'WHY NOT'], table)}\n\n` +
      `${formatTable(
        ['ENDPOINT', 'URL'],
        endpoints.map(({ type, url }) => [type, url]),
      )}\n\n${summary}\n`,
  );
  return healthy ? ExitCode.done : ExitCode.failed;
}

/** As many as are wanted, and those that are there besides: one on each node, or some that are going. */
function ordinalsOf(
  { name, replicas }: { name: string; replicas: number },
  instances: ObservedInstance[],
): number[] {
  const wanted = Array.from({ length: replicas }, (_, ordinal) => ordinal);
  const present = instances.filter((one) => one.workload === name).map((one) => one.ordinal);
  return [...new Set([...wanted, ...present])].sort((a, b) => a - b);
}

function stateOf(instance: ObservedInstance, { replicas }: Pick<Process, 'replicas'>): string {
  if (instance.leaving && instance.ordinal >= replicas) return LEFT_OVER;
  return instance.state === 'running'
    ? instance.health === 'none'
      ? 'running'
      : instance.health
    : instance.state;
}

function imageOf(cloud: Cloud, name: string): string {
  return cloud.desired.images.find((image) => image.name === name)?.reference ?? name;
}

/** Says when an instance is not what cloud.yaml and this version of Gantry would make now. */
function changed(process: Process, image: string, instance: ObservedInstance): string | undefined {
  const wanted = identityOf(process, image);
  return wanted.identity === instance.identity ? undefined : 'changed; "gantry up" replaces it';
}

function endpointsOf(cloud: Cloud): { type: string; url: string }[] {
  const registered = cloud.desired.tasks.flatMap((task) => task.action.endpoints);
  return [
    { type: 'identity', url: identityUrl(cloud.config) },
    ...registered.map(({ type, publicUrl }) => ({ type, url: publicUrl })),
  ];
}
