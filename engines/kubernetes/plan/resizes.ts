import { GantryError } from '../../../src/errors.ts';
import type { DesiredBundle, ObservedBundles, ObservedResize } from './bundle.ts';
import { type BundleStep, makeStep } from './steps.ts';

/** Throws `plan.volume-size` where a volume that is there cannot have the size that is wanted. */
export function refuseResizes({ resizes }: Pick<ObservedBundles, 'resizes'>): void {
  const refused = resizes.find(({ obstacle }) => obstacle !== undefined);
  if (!refused) return;
  const { volume, from, to, ofService, obstacle } = refused;
  const claims = resizes.filter((one) => one.volume === volume && one.obstacle).map(({ ref }) => ref.name);
  const smaller = obstacle === 'smaller';
  const back = ofService
    ? 'put back what cloud.yaml said of its size'
    : `set kubernetes.volumeSizes.${volume} in cloud.yaml to ${from}`;
  throw new GantryError({
    code: 'plan.volume-size',
    whose: 'user',
    message: `the volume ${volume} is ${from} and cannot become ${to}`,
    why: `${describeObstacle(refused)} Of this size: ${claims.join(', ')}.`,
    next: smaller
      ? `Set kubernetes.volumeSizes.${volume} in cloud.yaml to ${from} or more.`
      : `Have the administrator of the cluster allow it in the class, or ${back}.`,
  });
}

function describeObstacle({ obstacle }: ObservedResize): string {
  if (obstacle === 'smaller') return 'Volumes only grow.';
  const name = obstacle?.storageClass;
  if (!name) return 'It has no storage class, and only volumes of a class can grow.';
  return `Its storage class ${name} does not let volumes grow (allowVolumeExpansion).`;
}

/** One step for each claim of the bundle's instances that is to grow. */
export function planGrowth(
  { name, group }: DesiredBundle,
  { resizes }: Pick<ObservedBundles, 'resizes'>,
): BundleStep[] {
  return resizes
    .filter(({ bundle }) => bundle === name)
    .map(({ ref, from, to }) =>
      makeStep('claim.grow', {
        subject: ref.name,
        resource: ref.name,
        group,
        cause: `from ${from} to ${to}`,
        args: { claim: ref, to },
      }),
    );
}
