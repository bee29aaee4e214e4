import { readAccelerators } from '../../cloud/accelerators.ts';
import { type Cloud, openCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { readResources } from '../../cloud/resources.ts';
import { describeStopped, lookAtServers } from '../../cloud/servers.ts';
import { type NamedState, readServiceStates } from '../../cloud/service-status.ts';
import { countHealthy, rowsOf } from '../../cloud/status-rows.ts';
import { ExitCode } from '../../errors.ts';
import type { TakenByGantry } from '../../model/desired.ts';
import { formatDuration } from '../../model/settings/units.ts';
import { countStates, type Hypervisor, stoppedServers } from '../../servers/hypervisors.ts';
import { formatAccelerators } from '../accelerator-table.ts';
import type { Command } from '../command.ts';
import { formatResources } from '../resource-table.ts';
import { type Column, formatTable } from '../table.ts';

/**
 * Exits with 1 when a process of the cloud is not healthy, a hypervisor has stopped a server by itself, or a service tells
 * of a problem. What is only left to stop does not count.
 */
export const run: Command<'status'> = async (options, _arguments, terminal) => {
  const cloud = await openCloud(await loadConfigured(options), {}, terminal);
  if (options.resources) return showResources(cloud, options.output);
  const [{ instances }, desired] = await Promise.all([cloud.look(), cloud.engine.complete(cloud.desired)]);
  const rows = rowsOf(desired, instances);
  const { dashboard } = cloud.desired;
  const endpoints = [
    ...cloud.desired.endpoints.map(({ type, publicUrl: url }) => ({ type, url })),
    ...(dashboard ? [{ type: 'dashboard', url: dashboard }] : []),
  ];
  const { engine, services } = cloud;
  const [accelerators, hypervisors, states] = await Promise.all([
    readAccelerators(cloud, instances),
    lookAtServers(cloud),
    readServiceStates({ root: cloud.root, engine, cloud: cloud.config.name }, services, instances),
  ]);
  const stopped = stoppedServers(hypervisors);
  const { healthy, counted } = countHealthy(rows);
  const problems = states.flatMap((one) => one.problems);
  const isHealthy = healthy === counted && stopped.length === 0 && problems.length === 0;
  const exitCode = isHealthy ? ExitCode.done : ExitCode.failed;
  if (options.output === 'json') {
    const result = {
      cloud: cloud.config.name,
      healthy: isHealthy,
      processes: rows,
      accelerators: accelerators.map(({ node, found }) => ({ node, ...found })),
      hypervisors,
      services: Object.fromEntries(
        states.map(({ service, data, problems }) => [service, { problems, ...data }]),
      ),
      endpoints,
    };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return exitCode;
  }
  const now = Date.now();
  const onNodes = rows.some((row) => row.node !== undefined);
  const columns: Column[] = [
    { title: 'SERVICE', spare: 1 },
    'PROCESS',
    ...(onNodes ? ['NODE'] : []),
    'STATE',
    { title: 'SINCE', spare: 2 },
    { title: 'IMAGE', spare: 3 },
    { title: 'WHY NOT', wraps: true },
  ];
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
    `${formatTable(columns, table)}\n\n` +
      formatAccelerators(accelerators) +
      `${formatServers(hypervisors, cloud.desired)}${formatStates(states)}${formatTable(
        ['ENDPOINT', { title: 'URL', wraps: true }],
        endpoints.map(({ type, url }) => [type, url]),
      )}\n\n${[...describeStopped(hypervisors), ...problems, `${healthy} of ${counted} processes healthy`].join('\n')}\n`,
  );
  return exitCode;
};

/** Of resources nothing is right or wrong. */
async function showResources(cloud: Cloud, format: 'table' | 'json'): Promise<ExitCode> {
  const resources = await readResources(cloud);
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify({ cloud: cloud.config.name, ...resources }, null, 2)}\n`
      : formatResources(resources),
  );
  return ExitCode.done;
}

/** What services tell of themselves, a table each. */
function formatStates(states: readonly NamedState[]): string {
  return states.map(({ columns, rows }) => `${formatTable(columns, rows)}\n\n`).join('');
}

/** A line for each compute node: how many servers are in which state. */
function formatServers(hypervisors: readonly Hypervisor[], { hypervisor: asked }: TakenByGantry): string {
  if (hypervisors.length === 0) return '';
  const rows = hypervisors.map((hypervisor) => [
    hypervisor.node ?? asked?.process ?? '',
    countStates(hypervisor),
  ]);
  return `${formatTable(['HYPERVISOR', { title: 'SERVERS', wraps: true }], rows)}\n\n`;
}
