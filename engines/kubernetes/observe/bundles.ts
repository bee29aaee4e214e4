import type { Desired } from '../../../src/model/desired.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure } from '../api/failure.ts';
import type { Node } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import { type DesiredBundle, type ObservedBundles, objectKey } from '../plan/bundle.ts';
import { compareObject } from './compare.ts';
import { observeNodes } from './facts.ts';
import { readLedgerOf } from './ledger.ts';
import { type CloudScope, listPodsOf, readLive } from './live.ts';
import { keepingNodes } from './nodes.ts';
import { readUnseeded } from './registry.ts';
import { findResizes } from './resizes.ts';
import { readRollouts } from './rollouts.ts';
import { findJobs, findStrays } from './strays.ts';

/** Dry runs under way at the same time; each costs the API server some milliseconds of CPU. */
const WIDTH = 16;

export interface ObserveInput {
  desired: Desired;
  bundles: readonly DesiredBundle[];
  scope: CloudScope;
  /** Sizes of volumes that cloud.yaml says. */
  sizes: Record<string, string>;
  nodes: readonly Node[];
  /** What nodes call the registry, with a slash at the end; or empty. */
  imagePrefix: string;
  listPublished(references: readonly string[]): Promise<string[]>;
  listBuilt(): Promise<string[]>;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What the cluster holds of a cloud, each wanted object compared by the API server itself; changes nothing. */
export async function observeBundles(api: ClusterApi, input: ObserveInput): Promise<ObservedBundles> {
  const { desired, bundles, scope, nodes } = input;
  const objects = bundles.flatMap((bundle) => bundle.objects);
  try {
    const live = await readLive(api, scope);
    const readLedger = async () =>
      desired.ledger &&
      readLedgerOf(api, await listPodsOf(api, scope, [desired.ledger.process]), desired.ledger);
    const [differences, rollouts, resizes, ledger, images, unseeded, builtImages] = await Promise.all([
      mapBounded(objects, WIDTH, (object) => compareObject(api, object, live)),
      readRollouts(api, { desired, live, scope, nodes, now: input.now }),
      findResizes(api, { bundles, live, sizes: input.sizes }),
      readLedger(),
      input.listPublished(wantedImages(desired)),
      readUnseeded(api, scope, input),
      input.listBuilt(),
    ]);
    return {
      images,
      unseeded: unseeded.map(({ metadata }) => metadata.name),
      builtImages,
      objects: Object.fromEntries(
        objects.map((object, index) => [
          objectKey(object.ref),
          differences[index] as (typeof differences)[number],
        ]),
      ),
      stray: findStrays(live, objects),
      rollouts,
      resizes,
      nodes: observeNodes(nodes),
      drained: keepingNodes(nodes, scope.cloud),
      jobs: findJobs(live),
      ledger,
    };
  } catch (thrown) {
    throw clusterFailure(`The state of ${desired.cloud} could not be read from the cluster`, thrown);
  }
}

/** References of the images that workloads run: the others are only built upon. */
function wantedImages({ images, processes, jobs }: Desired): string[] {
  const used = new Set([...processes, ...jobs].map(({ image }) => image));
  return images.filter(({ name }) => used.has(name)).map(({ reference }) => reference);
}
