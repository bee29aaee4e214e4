import type Docker from 'dockerode';
import { type BuildOptions, type BuildResult, buildImage } from './build.ts';
import { withParents } from './graph.ts';
import type { Image, ImageGraph } from './image.ts';

export interface QueueOptions extends Omit<BuildOptions, 'onLine' | 'onProgress' | 'onBytes'> {
  /** Images to build, with all they are built on; every image when empty. */
  names: string[];
  /** How many are built at the same time. */
  jobs: number;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  observer: BuildObserver;
}

/** Told of everything that happens; each image starts at most once and ends exactly once. */
export interface BuildObserver {
  started?(image: Image): void;
  line?(image: Image, line: string): void;
  progress?(image: Image, done: number, total: number, text: string): void;
  finished?(image: Image, outcome: BuildOutcome): void;
}

export type BuildOutcome =
  | { status: BuildResult['status']; seconds: number; result: BuildResult }
  | { status: 'failed'; seconds: number; error: unknown }
  /** Not begun, because a parent failed or all was interrupted. */
  | { status: 'skipped'; because: string };

/**
 * Builds images side by side along the graph. A failed image leaves out those built on it and nothing else.
 * Resolves to the outcome of each, by name; failures are outcomes, not thrown.
 */
export async function buildImages(
  docker: Docker,
  graph: ImageGraph,
  options: QueueOptions,
  build = buildImage,
): Promise<Map<string, BuildOutcome>> {
  const images = withParents(graph, options.names);
  const outcomes = new Map<string, BuildOutcome>();
  const waiting = [...images];
  const running = new Set<Promise<void>>();

  const end = (image: Image, outcome: BuildOutcome) => {
    outcomes.set(image.name, outcome);
    options.observer.finished?.(image, outcome);
  };
  const startReady = () => {
    for (const image of [...waiting]) {
      const because = options.signal?.aborted ? 'interrupted' : failedParent(image, outcomes);
      if (because === undefined && !isReady(image, outcomes)) continue;
      if (because === undefined && running.size >= options.jobs) continue;
      waiting.splice(waiting.indexOf(image), 1);
      if (because !== undefined) {
        end(image, { status: 'skipped', because });
        continue;
      }
      const run = buildOne(docker, image, options, build).then((outcome) => {
        running.delete(run);
        end(image, outcome);
      });
      running.add(run);
    }
  };

  startReady();
  while (running.size > 0) {
    await Promise.race(running);
    startReady();
  }
  return outcomes;
}

async function buildOne(
  docker: Docker,
  image: Image,
  options: QueueOptions,
  build: typeof buildImage,
): Promise<BuildOutcome> {
  const { observer } = options;
  const start = options.now();
  const seconds = () => (options.now() - start) / 1000;
  observer.started?.(image);
  try {
    const result = await build(docker, image, {
      ...options,
      onLine: (line) => observer.line?.(image, line),
      onProgress: (done, total, text) => observer.progress?.(image, done, total, text),
    });
    return { status: result.status, seconds: seconds(), result };
  } catch (error) {
    return { status: 'failed', seconds: seconds(), error };
  }
}

function isReady(image: Image, outcomes: Map<string, BuildOutcome>): boolean {
  return image.parents.every((parent) => outcomes.has(parent));
}

function failedParent(image: Image, outcomes: Map<string, BuildOutcome>): string | undefined {
  for (const parent of image.parents) {
    const status = outcomes.get(parent)?.status;
    if (status === 'failed') return `${parent} failed`;
    if (status === 'skipped') return `${parent} was skipped`;
  }
  return undefined;
}
