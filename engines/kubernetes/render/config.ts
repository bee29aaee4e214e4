import { posix } from 'node:path';
import { GantryError } from '../../../src/errors.ts';
import { CONFIG_DIR, type RenderedFile, type Workload } from '../../../src/model/workload.ts';
import { fileHashesOf } from '../../../src/plan/identity.ts';
import type { V1Secret, V1Volume, V1VolumeMount } from '../api/library.ts';
import { Annotation, configName, reloadableName } from '../names.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { desiredObject, type Manifest, type RenderInput, workloadMetadata } from './object.ts';

/**
 * Files as Secrets: those that only a new pod takes up in one that never changes and is named by its content, so that
 * old and new pods each have their own; those that running processes take up in another, changed in place. The second
 * carries the hashes of its files: pods that were made before it changed do not.
 */
export function renderConfig(input: RenderInput, workload: Workload): DesiredObject[] {
  const { fixed, reloadable } = splitFiles(workload);
  const objects: DesiredObject[] = [];
  if (fixed.length > 0) {
    objects.push(secret(input, workload, secretName(workload, fixed), fixed, { immutable: true }));
  }
  if (reloadable.length > 0) {
    objects.push(secret(input, workload, reloadableName(workload.name), reloadable, { immutable: false }));
  }
  return objects;
}

/** Both Secrets as one directory, with the modes that the files are to have; undefined where there are no files. */
export function configVolume(workload: Workload): { volume: V1Volume; mount: V1VolumeMount } | undefined {
  const { fixed, reloadable } = splitFiles(workload);
  const sources = [
    ...(fixed.length > 0 ? [projection(secretName(workload, fixed), fixed)] : []),
    ...(reloadable.length > 0 ? [projection(reloadableName(workload.name), reloadable)] : []),
  ];
  if (sources.length === 0) return undefined;
  return {
    volume: { name: 'config', projected: { sources } },
    mount: { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
  };
}

/** Hashes of the files that are the same for as long as a pod lives. */
export function fixedFileHashes(workload: Workload): Record<string, string> {
  return hashesOf(workload, splitFiles(workload).fixed);
}

function splitFiles(workload: Workload): { fixed: RenderedFile[]; reloadable: RenderedFile[] } {
  const mayReload = workload.kind === 'process';
  return {
    fixed: workload.files.filter((file) => !(mayReload && file.reloadable)),
    reloadable: workload.files.filter((file) => mayReload && file.reloadable),
  };
}

function secretName(workload: Workload, fixed: readonly RenderedFile[]): string {
  return configName(workload.name, Object.fromEntries(fixed.map(({ path, content }) => [path, content])));
}

function secret(
  input: RenderInput,
  workload: Workload,
  name: string,
  files: readonly RenderedFile[],
  { immutable }: { immutable: boolean },
): DesiredObject {
  const entries = files.map(({ path, content }) => [
    dataKey(path),
    Buffer.from(content, 'utf8').toString('base64'),
  ]);
  const data = Object.fromEntries(entries) as Record<string, string>;
  if (Object.keys(data).length !== files.length) {
    throw new GantryError({
      code: 'process.same-key',
      whose: 'bug',
      message: `Two files of ${workload.name} have names that differ in slashes and dots only`,
    });
  }
  const metadata = workloadMetadata(input, workload, name);
  const annotations = { [Annotation.fileHashes]: JSON.stringify(hashesOf(workload, files)) };
  const manifest: V1Secret & Manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: immutable ? metadata : { ...metadata, annotations },
    type: 'Opaque',
    ...(immutable ? { immutable } : {}),
    data,
  };
  return desiredObject(manifest);
}

function projection(name: string, files: readonly RenderedFile[]) {
  return {
    secret: {
      name,
      items: files.map(({ path, mode }) => ({ key: dataKey(path), path: relativePath(path), mode })),
    },
  };
}

function hashesOf(workload: Workload, files: readonly RenderedFile[]): Record<string, string> {
  const fileHashes = fileHashesOf(workload);
  return Object.fromEntries(files.map(({ path }) => [path, fileHashes[path] as string]));
}

function relativePath(path: string): string {
  return posix.relative(CONFIG_DIR, path);
}

/** Keys of a Secret may not contain slashes (https://kubernetes.io/docs/concepts/configuration/secret/). */
function dataKey(path: string): string {
  return relativePath(path).replaceAll('/', '.');
}
