import { describe, expect, test } from 'vitest';
import { type CloudMetrics, formatMetrics } from './metrics.ts';
import type { StatusRow } from './status-rows.ts';

const row = (process: string, more: Partial<StatusRow> = {}): StatusRow => ({
  service: 'nova',
  process,
  node: undefined,
  state: 'healthy',
  since: '2026-11-29T08:00:00.000Z',
  image: 'gantry/nova:1',
  detail: undefined,
  ...more,
});

async function samples(given: Partial<CloudMetrics>): Promise<string[]> {
  const text = await formatMetrics({
    cloud: 'gantry',
    rows: [],
    usage: () => undefined,
    states: [],
    now: 1_795_939_200,
    ...given,
  });
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the state of a cloud as Prometheus takes it', () => {
  test('has what is known of each instance', async () => {
    const told = await samples({
      rows: [row('nova-api')],
      usage: () => ({ memoryMiB: 1.5, cpus: 0.25 }),
      states: [{ service: 'ceph', problems: ['an OSD is full'] }],
    });
    const labels = '{service="nova",process="nova-api",node="",cloud="gantry"}';
    expect(told).toEqual([
      `gantry_process_healthy${labels} 1`,
      `gantry_process_start_time_seconds${labels} 1795939200`,
      `gantry_process_memory_bytes${labels} 1572864`,
      `gantry_process_cpus${labels} 0.25`,
      'gantry_service_problems{service="ceph",cloud="gantry"} 1',
      'gantry_metrics_time_seconds{cloud="gantry"} 1795939200',
    ]);
  });

  test('has no sample of what nobody knows', async () => {
    const told = await samples({ rows: [row('nova-api', { state: 'absent', since: undefined })] });
    expect(told).toEqual([
      'gantry_process_healthy{service="nova",process="nova-api",node="",cloud="gantry"} 0',
      'gantry_metrics_time_seconds{cloud="gantry"} 1795939200',
    ]);
  });

  test('counts each instance on its node, and none that is only left to stop', async () => {
    const told = await samples({
      rows: [
        row('libvirt', { node: 'node-1', state: 'unhealthy' }),
        row('libvirt', { node: 'node-2' }),
        row('nova-api-1', { state: 'stopping' }),
      ],
    });
    expect(told.filter((line) => line.startsWith('gantry_process_healthy'))).toEqual([
      'gantry_process_healthy{service="nova",process="libvirt",node="node-1",cloud="gantry"} 0',
      'gantry_process_healthy{service="nova",process="libvirt",node="node-2",cloud="gantry"} 1',
    ]);
  });
});
