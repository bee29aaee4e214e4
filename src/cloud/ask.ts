import type { Engine } from '../engine/engine.ts';
import { KeptOutput } from '../engine/output.ts';
import { timeLimit } from '../time-limit.ts';

/** What a command writes in an instance; undefined where it fails, or does not answer in time. */
export async function askInstance(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  { instance, command, limitMs }: { instance: string; command: readonly string[]; limitMs: number },
): Promise<string | undefined> {
  const stdout = new KeptOutput();
  try {
    const code = await engine.exec(cloud, instance, [...command], { stdout, signal: timeLimit(limitMs) });
    return code === 0 ? stdout.text : undefined;
  } catch {
    return undefined;
  }
}
