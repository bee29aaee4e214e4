import type { Engine } from '../engine/engine.ts';
import { KeptOutput } from '../engine/output.ts';
import { timeLimit } from '../time-limit.ts';

/** What a command writes in an instance that is given `input`; undefined where it fails, or does not answer in time. */
export async function askInstance(
  engine: Pick<Engine, 'exec'>,
  cloud: string,
  {
    instance,
    command,
    input,
    limitMs,
  }: { instance: string; command: readonly string[]; input?: string; limitMs: number },
): Promise<string | undefined> {
  const stdout = new KeptOutput();
  try {
    const code = await engine.exec(cloud, instance, [...command], {
      stdout,
      signal: timeLimit(limitMs),
      ...(input === undefined ? {} : { stdin: input }),
    });
    return code === 0 ? stdout.text : undefined;
  } catch {
    return undefined;
  }
}
