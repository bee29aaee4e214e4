import type Docker from 'dockerode';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BuildOptions, BuildResult } from './build.ts';
import type { Image } from './image.ts';
import { type BuildOutcome, buildImages, type QueueOptions } from './queue.ts';
import { imageGraph, imageSource } from './testing/source.ts';

const noDocker = {} as Docker;

function queueOptions(overrides: Partial<QueueOptions> = {}): QueueOptions {
  return {
    names: [],
    jobs: 2,
    version: 'test',
    logDirectory: '/nonexistent',
    environment: {},
    now: () => 0,
    observer: {},
    ...overrides,
  };
}

/** Takes its turns like a real build and fails for the given names. */
function fakeBuild(failing: string[], onBuild: (image: Image) => void = () => {}) {
  return async (_: Docker, image: Image, __: BuildOptions): Promise<BuildResult> => {
    onBuild(image);
    await new Promise((resolve) => setImmediate(resolve));
    if (failing.includes(image.name)) throw new Error('no space left');
    return { status: 'built', id: `sha256:${image.hash}` };
  };
}

const statuses = (outcomes: Map<string, BuildOutcome>) =>
  Object.fromEntries([...outcomes].map(([name, outcome]) => [name, outcome.status]));

describe('the build queue', () => {
  const graph = imageGraph(
    imageSource('base'),
    imageSource('nova', 'base'),
    imageSource('nova-compute', 'nova'),
    imageSource('redis', 'base'),
  );

  it('leaves out what is built on a failed image and finishes the rest', async () => {
    const outcomes = await buildImages(noDocker, graph, queueOptions(), fakeBuild(['nova']));
    expect(statuses(outcomes)).toEqual({
      base: 'built',
      nova: 'failed',
      'nova-compute': 'skipped',
      redis: 'built',
    });
    expect(outcomes.get('nova-compute')).toEqual({ status: 'skipped', because: 'nova failed' });
  });

  it('builds only the named images and their parents', async () => {
    const outcomes = await buildImages(noDocker, graph, queueOptions({ names: ['redis'] }), fakeBuild([]));
    expect(statuses(outcomes)).toEqual({ base: 'built', redis: 'built' });
  });

  it('begins nothing new once interrupted', async () => {
    const controller = new AbortController();
    const build = fakeBuild([], () => controller.abort());
    const outcomes = await buildImages(noDocker, graph, queueOptions({ signal: controller.signal }), build);
    expect(statuses(outcomes)).toEqual({
      base: 'built',
      nova: 'skipped',
      'nova-compute': 'skipped',
      redis: 'skipped',
    });
  });

  it('never builds an image before its parents, nor more at a time than allowed, and settles every image', async () => {
    const parentsOf = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        parentsOf,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(12),
        async (picks, jobs, failing) => {
          const sources = picks.map((pick, index) =>
            imageSource(`i${index}`, index === 0 ? undefined : `i${pick % index}`),
          );
          const random = imageGraph(...sources);
          const ended = new Set<string>();
          let running = 0;
          const observer = {
            started: (image: Image) => {
              running += 1;
              expect(running).toBeLessThanOrEqual(jobs);
              for (const parent of image.parents) expect(ended.has(parent)).toBe(true);
            },
            finished: (image: Image, outcome: BuildOutcome) => {
              ended.add(image.name);
              if (outcome.status !== 'skipped') running -= 1;
            },
          };
          const options = queueOptions({ jobs, observer });
          const outcomes = await buildImages(noDocker, random, options, fakeBuild([`i${failing}`]));
          expect(outcomes.size).toBe(picks.length);
        },
      ),
    );
  });
});
