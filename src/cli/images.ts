import { cpus } from 'node:os';
import type { Cloud } from '../cloud/cloud.ts';
import { buildSettings } from '../cloud/engine.ts';
import type { ImageTools } from '../cloud/image-tools.ts';
import { ExitCode, GantryError, messageOf, usageError } from '../errors.ts';
import { type BuildOutcome, buildImages } from '../images/queue.ts';
import type { GlobalOptions } from './options.ts';
import { describeError } from './report.ts';

export interface BuildRequest {
  names: string[];
  version?: string | undefined;
  jobs?: string | undefined;
  /** Build what is there already too, with today's packages. */
  fresh?: boolean | undefined;
  progress: GlobalOptions['progress'];
  signal: AbortSignal;
}

/** Builds with a line per image as it starts and ends, and one for each instruction in between; exit code. */
export async function buildWithProgress(tools: ImageTools, request: BuildRequest): Promise<number> {
  const write = (text: string, event: object): void =>
    void process.stderr.write(`${request.progress === 'json' ? JSON.stringify(event) : text}\n`);
  const settings = buildSettings(tools);
  const started = performance.now();
  const outcomes = await buildImages(tools.docker, tools.graph, {
    ...settings,
    version: request.version ?? settings.version,
    names: request.names,
    fresh: request.fresh,
    jobs: parseJobs(request.jobs),
    signal: request.signal,
    now: () => performance.now(),
    observer: {
      progress: (image, done, total, text) =>
        write(`  ... ${image.name} ${done + 1}/${total}: ${text}`, {
          type: 'image.progress',
          image: image.name,
          done,
          total,
        }),
      finished: (image, outcome) =>
        write(describeOutcome(image.name, outcome), {
          type: 'image.finished',
          image: image.name,
          status: outcome.status,
        }),
    },
  });
  const all = [...outcomes.values()];
  const count = (status: BuildOutcome['status']): number => all.filter((one) => one.status === status).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(
    `${count('built')} built, ${settings.registry ? `${count('pulled')} pulled, ` : ''}${count('unchanged')} unchanged, ${count('failed')} failed, ${count('skipped')} skipped in ${seconds} s\n`,
  );
  if (request.signal.aborted) return ExitCode.interrupted;
  return count('failed') > 0 ? ExitCode.failed : ExitCode.done;
}

/** Builds one image with its parents where it is not there yet. */
export async function requireImage(
  cloud: Cloud,
  name: string,
  options: GlobalOptions,
  signal: AbortSignal,
): Promise<void> {
  const image = cloud.graph.images.find((one) => one.name === name);
  const { images } = await cloud.engine.observe(cloud.desired);
  if (!image || images.includes(image.reference)) return;
  const tools = { ...cloud, docker: (await cloud.docker()).docker };
  const code = await buildWithProgress(tools, { names: [name], progress: options.progress, signal });
  if (code !== ExitCode.done) {
    throw new GantryError({
      code: 'image.not-built',
      whose: 'environment',
      message: `the image ${name} could not be built`,
      exitCode: code === ExitCode.interrupted ? ExitCode.interrupted : ExitCode.failed,
    });
  }
}

function describeOutcome(name: string, outcome: BuildOutcome): string {
  switch (outcome.status) {
    case 'built':
    case 'pulled':
    case 'unchanged':
      return ` ok   ${name} ${outcome.status} (${outcome.seconds.toFixed(1)} s)`;
    case 'failed':
      return `FAIL  ${name}\n${
        outcome.error instanceof GantryError ? describeError(outcome.error) : messageOf(outcome.error)
      }`;
    case 'skipped':
      return `skip  ${name}: ${outcome.because}`;
  }
}

function parseJobs(text: string | undefined): number {
  if (text === undefined) return cpus().length;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw usageError(`--jobs ${text} is not a number from 1 on`);
}
