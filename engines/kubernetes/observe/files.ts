import { posix } from 'node:path';
import type { PodSpec, VolumeSpec } from '../api/objects.ts';

/** Where a key of a Secret is a file in the containers of a pod. */
export interface MountedKey {
  secret: string;
  key: string;
  /** Absolute, in the container. */
  path: string;
}

/**
 * The files that a pod has from Secrets, as its specification says; of a Secret that is mounted without a list of
 * keys, `keysOf` knows them.
 */
export function mountedKeys(
  spec: PodSpec,
  keysOf: (secret: string) => readonly string[] = () => [],
): MountedKey[] {
  const mounts = spec.containers[0]?.volumeMounts ?? [];
  return (spec.volumes ?? []).flatMap((volume) =>
    sourcesOf(volume).flatMap(({ secret, items }) => {
      const entries = items ?? keysOf(secret).map((key) => ({ key, path: key }));
      return mounts
        .filter(({ name }) => name === volume.name)
        .flatMap(({ mountPath, subPath }) =>
          entries
            .filter(({ path }) => isUnder(path, subPath))
            .map(({ key, path }) => ({
              secret,
              key,
              path: posix.join(mountPath, subPath ? posix.relative(subPath, path) : path),
            })),
        );
    }),
  );
}

/** Names of the Secrets that a pod mounts. */
export function mountedSecrets(spec: PodSpec): string[] {
  return [
    ...new Set((spec.volumes ?? []).flatMap((volume) => sourcesOf(volume).map(({ secret }) => secret))),
  ];
}

function isUnder(path: string, subPath: string | undefined): boolean {
  return subPath === undefined || path === subPath || path.startsWith(`${subPath}/`);
}

function sourcesOf(
  volume: VolumeSpec,
): { secret: string; items: { key: string; path: string }[] | undefined }[] {
  const single = volume.secret ? [{ secret: volume.secret.secretName, items: volume.secret.items }] : [];
  const projected = (volume.projected?.sources ?? []).flatMap(({ secret }) =>
    secret ? [{ secret: secret.name, items: secret.items }] : [],
  );
  return [...single, ...projected];
}
