import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { waitUntil } from '../gantry.ts';
import type { GroupCloud } from '../group-cloud.ts';
import { expectDone } from './cloud.ts';

/** What is told of a cloud for monitoring. */
export function testMetrics(use: () => GroupCloud): void {
  const sampleOf = (text: string, name: string, process: string) =>
    Number(new RegExp(`^${name}\\{.*process="${process}".*\\} (\\S+)$`, 'm').exec(text)?.[1]);

  test('what each process is and uses is told, and that one is away', async () => {
    const { gantry, containers, directory } = use();
    const file = join(directory, 'cloud.prom');
    const read = async () => {
      await expectDone(use(), 'metrics', '--to', file);
      return readFile(file, 'utf8');
    };
    const before = await read();
    expect(await gantry.output('metrics')).toContain('# TYPE gantry_process_healthy gauge');
    expect(sampleOf(before, 'gantry_process_healthy', 'glance-api')).toBe(1);
    expect(sampleOf(before, 'gantry_process_memory_bytes', 'glance-api')).toBeGreaterThan(10 * 2 ** 20);
    await containers.kill('glance-api');
    expect(sampleOf(await read(), 'gantry_process_healthy', 'glance-api')).toBe(0);
    await containers.start('glance-api');
    await containers.waitUntilHealthy(120_000);
    const after = await waitUntil('it to be told of as healthy', 60_000, async () => {
      const text = await read();
      return sampleOf(text, 'gantry_process_healthy', 'glance-api') === 1 ? text : undefined;
    });
    const name = 'gantry_process_start_time_seconds';
    expect(sampleOf(after, name, 'glance-api')).toBeGreaterThan(sampleOf(before, name, 'glance-api'));
  });
}
