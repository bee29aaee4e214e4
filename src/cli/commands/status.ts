import { formatDuration } from '../../config/units.ts';
import { ExitCode } from '../../errors.ts';
import { type Cloud, identityUrl, openCloud } from '../cloud.ts';
import type { GlobalOptions } from '../options.ts';
import { formatTable } from '../report.ts';
import { countHealthy, rowsOf } from '../status-rows.ts';

/** Exits with 1 when a process of the cloud is not healthy; what is only left to stop does not count. */
export async function run(options: GlobalOptions & { output: string }): Promise<number> {
  const cloud = await openCloud(options, { dryRun: true });
  const [{ instances }, { processes }] = await Promise.all([
    cloud.engine.observe(cloud.desired),
    cloud.engine.complete(cloud.desired),
  ]);
  const rows = rowsOf(processes, instances, (name) => imageOf(cloud, name));
  const endpoints = endpointsOf(cloud);
  const { healthy, counted } = countHealthy(rows);
  const exitCode = healthy === counted ? ExitCode.done : ExitCode.failed;
  if (options.output === 'json') {
    process.stdout.write(
      `${JSON.stringify({ cloud: cloud.config.name, healthy: healthy === counted, processes: rows, endpoints }, null, 2)}\n`,
    );
    return exitCode;
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
  process.stdout.write(
    `${formatTable(['SERVICE', 'PROCESS', ...(onNodes ? ['NODE'] : []), 'STATE', 'SINCE', 'IMAGE', 'WHY NOT'], table)}\n\n` +
      `${formatTable(
        ['ENDPOINT', 'URL'],
        endpoints.map(({ type, url }) => [type, url]),
      )}\n\n${healthy} of ${counted} processes healthy\n`,
  );
  return exitCode;
}

function imageOf(cloud: Cloud, name: string): string {
  return cloud.desired.images.find((image) => image.name === name)?.reference ?? name;
}

function endpointsOf(cloud: Cloud): { type: string; url: string }[] {
  const registered = cloud.desired.tasks.flatMap((task) => task.action.endpoints);
  return [
    { type: 'identity', url: identityUrl(cloud.config) },
    ...registered.map(({ type, publicUrl }) => ({ type, url: publicUrl })),
  ];
}
