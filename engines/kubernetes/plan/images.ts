import type { Desired, DesiredImage } from '../../../src/model/desired.ts';
import type { ObservedBundles } from './bundle.ts';
import { type BundleStep, makeStep, stepId } from './steps.ts';

/** The image of the registry inside the cluster; undefined where there is no such registry. */
export function seedImageOf({
  registry,
  processes,
  images,
}: Pick<Desired, 'registry' | 'processes' | 'images'>): DesiredImage | undefined {
  const keeper = processes.find(({ name }) => name === registry?.process);
  return images.find(({ name }) => name === keeper?.image);
}

/** Nodes get the image of the registry inside the cluster from this machine: there is nobody else to give it. */
export function planSeeds(
  desired: Desired,
  observed: ObservedBundles,
  builds: readonly BundleStep[],
  first: readonly string[],
): BundleStep[] {
  const image = seedImageOf(desired);
  if (!image) return [];
  const built = builds.filter(({ resource }) => resource === image.name).map(({ id }) => id);
  return observed.unseeded.map((node) =>
    makeStep('node.seed', {
      subject: node,
      resource: node,
      group: 'nodes',
      cause: 'it lacks the image of the registry',
      dependsOn: [...first, ...built],
      args: { node, image },
    }),
  );
}

export interface ImageSteps {
  builds: BundleStep[];
  /** Names of the images that are published. */
  published: string[];
  /** The steps that publish them, after these. */
  publish(after: readonly string[]): BundleStep[];
}

/** Images that workloads run go to the registry; what they are built from is built where it is missing. */
export function planImages(desired: Desired, observed: ObservedBundles): ImageSteps {
  const images = new Map(desired.images.map((image) => [image.name, image]));
  const inRegistry = new Set(observed.images);
  const built = new Set(observed.builtImages);
  const used = new Set([...desired.processes, ...desired.jobs].map((workload) => workload.image));
  const publish = [...used]
    .map((name) => images.get(name))
    .filter((image): image is DesiredImage => image !== undefined && !inRegistry.has(image.reference));
  const build = new Set<DesiredImage>();
  const addBuild = (image: DesiredImage): void => {
    if (built.has(image.reference) || build.has(image)) return;
    build.add(image);
    for (const parent of image.parents) addBuild(images.get(parent) as DesiredImage);
  };
  for (const image of publish) addBuild(image);
  const keeper = desired.processes.find(({ name }) => name === desired.registry?.process)?.image;
  if (keeper && observed.unseeded.length > 0) addBuild(images.get(keeper) as DesiredImage);
  const names = new Set([...build].map(({ name }) => name));
  const fields = ({ name }: DesiredImage) => ({ subject: name, resource: name, group: 'images' });
  return {
    builds: [...build].map((image) =>
      makeStep('image.build', {
        ...fields(image),
        cause: 'neither in the registry nor built',
        dependsOn: image.parents
          .filter((parent) => names.has(parent))
          .map((parent) => stepId('image.build', parent)),
        args: { image },
      }),
    ),
    published: publish.map(({ name }) => name),
    publish: (after) =>
      publish.map((image) =>
        makeStep('image.publish', {
          ...fields(image),
          cause: 'not in the registry',
          dependsOn: [...after, ...(names.has(image.name) ? [stepId('image.build', image.name)] : [])],
          args: { image },
        }),
      ),
  };
}
