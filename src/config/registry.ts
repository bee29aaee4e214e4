import type { CloudConfig } from './schema.ts';

type Choice = Pick<CloudConfig, 'engine' | 'images'>;

/** Whether the cloud keeps its images itself. One machine's engine has what it builds, and needs no registry. */
export function usesBuiltinRegistry({ engine, images }: Choice): boolean {
  return engine === 'kubernetes' && (images.registry ?? 'builtin') === 'builtin';
}

/** The version that the cloud's images are tagged with beside their hashes. */
export function imageVersion({ images, release }: Pick<CloudConfig, 'images' | 'release'>): string {
  return images.version ?? release;
}

/** The registry that is not the cloud's own, with an optional path; undefined where there is none. */
export function externalRegistry({ images: { registry } }: Pick<CloudConfig, 'images'>): string | undefined {
  return registry === 'builtin' || registry === 'none' ? undefined : registry;
}
