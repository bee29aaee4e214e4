import { cpus } from 'node:os';
import { GantryError, messageOf, reportError } from '../errors.ts';
import type { Image } from '../images/image.ts';
import { type BuildOutcome, buildImages } from '../images/queue.ts';
import type { Emit, EventBody } from '../run/events.ts';
import { type Caller, inform } from './caller.ts';
import { change, type Ended, type Run } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { buildSettings } from './engine.ts';
import { type ImageTools, openImages } from './image-tools.ts';

export interface BuildRequest {
  /** Images to build, with all they are built on; every image when empty. */
  names: string[];
  version?: string | undefined;
  /** How many are built at the same time; by default one for each core. */
  jobs?: number | undefined;
  /** Build what is there already too, with today's packages. */
  fresh?: boolean | undefined;
}

/** Builds images of a cloud, whether or not it is there. */
export async function buildImagesOf(
  configured: Configured,
  request: BuildRequest,
  caller: Caller,
): Promise<Ended> {
  const tools = await openImages(configured);
  return change(configured, { command: 'gantry images build', shared: true }, caller, (run) =>
    build(tools, request, run),
  );
}

/** Builds one image with its parents where it is not there yet. */
export async function requireImage(
  cloud: Cloud,
  name: string,
  run: Pick<Run, 'emit' | 'signal'>,
): Promise<void> {
  const image = cloud.graph.images.find((one) => one.name === name);
  const { images } = await cloud.engine.observe(cloud.desired);
  if (!image || images.includes(image.reference)) return;
  const tools = { ...cloud, docker: (await cloud.docker()).docker };
  const { result } = await build(tools, { names: [name] }, run);
  if (result === 'done') return;
  run.signal.throwIfAborted();
  throw new GantryError({
    code: 'image.not-built',
    whose: 'environment',
    message: `the image ${name} could not be built`,
  });
}

async function build(
  tools: ImageTools,
  { names, version, jobs = cpus().length, fresh }: BuildRequest,
  { emit, signal }: Pick<Run, 'emit' | 'signal'>,
): Promise<Ended> {
  const settings = buildSettings(tools);
  const started = performance.now();
  const outcomes = await buildImages(tools.docker, tools.graph, {
    ...settings,
    version: version ?? settings.version,
    names,
    fresh,
    jobs,
    signal,
    now: () => performance.now(),
    observer: observe(emit),
  });
  const all = [...outcomes.values()];
  const count = (status: BuildOutcome['status']): number => all.filter((one) => one.status === status).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  inform(
    emit,
    `${count('built')} built, ${settings.registry ? `${count('pulled')} pulled, ` : ''}${count('unchanged')} unchanged, ${count('failed')} failed, ${count('skipped')} skipped in ${seconds} s`,
  );
  if (signal.aborted) return { result: 'interrupted' };
  return { result: count('failed') > 0 ? 'failed' : 'done' };
}

function observe(emit: Emit) {
  return {
    progress: (image: Image, done: number, total: number, text: string) =>
      emit({ type: 'image.progress', image: image.name, done, total, text }),
    finished: (image: Image, outcome: BuildOutcome) => emit(describeOutcome(image.name, outcome)),
  };
}

function describeOutcome(image: string, outcome: BuildOutcome): EventBody {
  const { status } = outcome;
  const base = { type: 'image.finished', image, status } as const;
  if (status === 'skipped') return { ...base, because: outcome.because };
  if (status !== 'failed') return { ...base, seconds: outcome.seconds };
  const { error, seconds } = outcome;
  const known =
    error instanceof GantryError
      ? error
      : new GantryError({ code: 'image.failed', whose: 'environment', message: messageOf(error) });
  return { ...base, seconds, error: reportError(known) };
}
