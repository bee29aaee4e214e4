import { expect, test } from 'vitest';
import { usageOf } from './usage.ts';

const cpu = (total: number, system: number) =>
  ({ cpu_usage: { total_usage: total }, system_cpu_usage: system, online_cpus: 4 }) as never;
const statsWith = (memory_stats: object) => ({
  memory_stats: memory_stats as never,
  precpu_stats: cpu(1000, 40_000),
  cpu_stats: cpu(1500, 44_000),
});

test('CPUs are the part of the time of all of them that a container had', () => {
  expect(usageOf(statsWith({})).cpus).toBe(0.5);
  expect(usageOf({ ...statsWith({}), cpu_stats: cpu(1000, 40_000) }).cpus).toBeUndefined();
});

test('memory is without what the kernel would give back, by both versions of control groups', () => {
  const usage = 30 * 2 ** 20;
  const files = 10 * 2 ** 20;
  expect(usageOf(statsWith({ usage, stats: { inactive_file: files } })).memoryMiB).toBe(20);
  expect(
    usageOf(statsWith({ usage, stats: { inactive_file: 1, total_inactive_file: files } })).memoryMiB,
  ).toBe(20);
  expect(usageOf(statsWith({})).memoryMiB).toBeUndefined();
});
