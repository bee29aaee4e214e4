import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { KeptOutput } from '../../src/engine/output.ts';
import { demultiplex } from './demultiplex.ts';

/** The last lines that a container wrote, standard output and error in the order of writing. */
export async function lastLines(container: Docker.Container, count: number): Promise<string[]> {
  const text = await readOutput(container, { tail: count });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count);
}

/** Everything a container wrote, as far as the engine has kept it. */
export async function readOutput(
  container: Docker.Container,
  { tail }: { tail?: number } = {},
): Promise<string> {
  const sink = new KeptOutput();
  const recorded = await container.logs({
    stdout: true,
    stderr: true,
    follow: false,
    ...(tail === undefined ? {} : { tail }),
  });
  await pipeline([recorded], demultiplex(sink, sink));
  return sink.text;
}
