import { Gauge, Registry } from 'prom-client';
import type { ObservedInstance } from '../model/observed.ts';
import type { InstanceUsage } from '../model/usage.ts';
import type { Cloud } from './cloud.ts';
import { type NamedState, readServiceStates } from './service-status.ts';
import { isLeftOver, rowsOf, type StatusRow } from './status-rows.ts';

const MIB = 2 ** 20;

/** What is told of a cloud for monitoring. */
export interface CloudMetrics {
  cloud: string;
  rows: readonly StatusRow[];
  /** By the name and node of a row. */
  usage: (row: StatusRow) => InstanceUsage | undefined;
  states: readonly Pick<NamedState, 'service' | 'problems'>[];
  /** Seconds since the epoch. */
  now: number;
}

/** The state of a cloud as Prometheus takes it: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export async function readMetrics(cloud: Cloud): Promise<string> {
  const { engine, services, root, config } = cloud;
  const [{ instances }, desired] = await Promise.all([cloud.look(), engine.complete(cloud.desired)]);
  const running = instances.filter(({ kind }) => kind === 'process');
  const [{ instances: usage }, states] = await Promise.all([
    engine.readUsage(config.name, running),
    readServiceStates({ root, engine, cloud: config.name }, services, instances),
  ]);
  const rows = rowsOf(desired, instances);
  const found = (row: StatusRow) => running.find((one) => isOf(row, one));
  return formatMetrics({
    cloud: config.name,
    rows,
    usage: (row) => usage.get(found(row)?.id ?? ''),
    states,
    now: Date.now() / 1000,
  });
}

function isOf({ process, node }: StatusRow, { workload, ordinal, node: its }: ObservedInstance): boolean {
  return its === node && (process === workload || process === `${workload}-${ordinal}`);
}

/** Of what is not known there is no sample. What is only left to stop does not count. */
export async function formatMetrics({ cloud, rows, usage, states, now }: CloudMetrics): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ cloud });
  const labelNames = ['service', 'process', 'node'];
  const gauge = (name: string, help: string, labels = labelNames) =>
    new Gauge({ name, help, labelNames: labels, registers: [registry] });
  const healthy = gauge('gantry_process_healthy', 'Whether an instance of a process is there and healthy.');
  const started = gauge(
    'gantry_process_start_time_seconds',
    'When an instance was started last, since the epoch.',
  );
  const memory = gauge(
    'gantry_process_memory_bytes',
    'Memory of an instance, without files that the kernel would give back.',
  );
  const cpus = gauge(
    'gantry_process_cpus',
    'CPUs that an instance kept busy, on average since the engine last looked.',
  );
  for (const row of rows) {
    if (isLeftOver(row)) continue;
    const labels = { service: row.service, process: row.process, node: row.node ?? '' };
    healthy.set(labels, row.state === 'healthy' ? 1 : 0);
    if (row.since !== undefined) started.set(labels, Date.parse(row.since) / 1000);
    const { memoryMiB, cpus: busy } = usage(row) ?? {};
    if (memoryMiB !== undefined) memory.set(labels, memoryMiB * MIB);
    if (busy !== undefined) cpus.set(labels, busy);
  }
  const problems = gauge(
    'gantry_service_problems',
    'What a service tells of that an operator must do something about.',
    ['service'],
  );
  for (const state of states) problems.set({ service: state.service }, state.problems.length);
  gauge('gantry_metrics_time_seconds', 'When the cloud was looked at, since the epoch.', []).set(now);
  return registry.metrics();
}
