import { createHash } from 'node:crypto';
import type { DesiredImage } from '../model/desired.ts';
import type { Task } from '../model/task.ts';
import type { Job, Needs, NodeChecks, Process, RenderedFile } from '../model/workload.ts';
import { referenceOf } from './jobs.ts';

/** What an instance is made of, as hashes that its labels carry. Equal identities: nothing to replace. */
export interface Identity {
  identity: string;
  image: string;
  settings: string;
  /** By path: content, owner and mode of each file. */
  fileHashes: Record<string, string>;
}

/** Hex digits of a hash: 48 bits, far more than the few dozen instances of a cloud could make collide. */
const HASH_LENGTH = 12;

/** A short hash of plain data that does not depend on the order of keys. Undefined values count as absent. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HASH_LENGTH);
}

/**
 * The identity of a workload made from the image with this reference.
 *
 * A process is replaced when its image, its settings, its surroundings or a file that it cannot reload changes.
 * Settings are what the catalogue wants the container created with; how many there are, what they start after, how they
 * are updated or reloaded and what nodes are looked at for is Gantry's business alone. Of reloadable files only the set
 * of paths counts.
 * A job runs again when its image, command or files change.
 */
export function identityOf(workload: Process | Job, imageReference: string): Identity {
  const image = hashOf(imageReference);
  const settings = hashOfSettings(workload);
  const fileHashes = fileHashesOf(workload);
  if (workload.kind === 'job') {
    return {
      identity: hashOf({ image, command: workload.command, fileHashes }),
      image,
      settings,
      fileHashes,
    };
  }
  const { surroundings } = workload;
  const fixedFiles: Record<string, string> = {};
  const reloadable: string[] = [];
  for (const file of workload.files) {
    if (file.reloadable) reloadable.push(file.path);
    else fixedFiles[file.path] = hashOfFile(file);
  }
  reloadable.sort();
  return {
    identity: hashOf({ image, settings, surroundings, fixedFiles, reloadable }),
    image,
    settings,
    fileHashes,
  };
}

/**
 * The identity that a workload of a cloud is to have. Whoever plans asks for it once: steps, and what is rendered for
 * them, carry it. Throws GantryError `plan.unknown-image`.
 */
export function wantedIdentity(
  workload: Process | Job,
  { images }: { images: readonly DesiredImage[] },
): Identity {
  return identityOf(workload, referenceOf(workload, images));
}

/** The hash of every file of a workload, by path: content, owner and mode. */
export function fileHashesOf({ files }: Pick<Process | Job, 'files'>): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file.path, hashOfFile(file)]));
}

/**
 * The identity of a task: the hash of what it does. Its type is written with the name of the service, as it was before
 * types were named for the API: what is done already keeps its identity.
 */
export function identityOfTask({ service, action }: Task): string {
  const verb = action.type.split('.')[1];
  return hashOf({ ...action, type: `${service}.${verb}` });
}

/** Of what the catalogue wants a container created with. */
export function hashOfSettings(workload: Process | Job): string {
  return hashOf(settingsOf(workload));
}

function settingsOf(workload: Process | Job): object {
  if (workload.kind === 'job') {
    const {
      files: _files,
      after: _after,
      reaches: _reaches,
      on: _on,
      schema: _schema,
      ...settings
    } = workload;
    return { ...settings, needs: containerNeeds(workload) };
  }
  const { files: _files, after: _after, reaches: _reaches, replicas: _replicas, ...rest } = workload;
  const { update: _update, reload: _reload, farewell: _farewell, surroundings: _apart, ...asked } = rest;
  const { detections: _detections, shrink: _shrink, ...others } = asked;
  const { on: _on, spread: _spread, ...settings } = others;
  return { ...settings, needs: { ...containerNeeds(workload), ...hashedPlace(workload) } };
}

function containerNeeds({ needs }: Process | Job): Omit<Needs, keyof NodeChecks> {
  const { kernel: _kernel, hostNameAsAddress: _hostNameAsAddress, ...others } = needs;
  return others;
}

/** Where it runs counts as one of its needs, as it was written before: what is there keeps its identity. */
function hashedPlace({ on, spread }: Process): { node?: string | undefined } {
  if (spread === 'replicas') return {};
  return { node: on.includes('control') ? 'any' : on[0] };
}

function hashOfFile({ content, uid, gid, mode }: RenderedFile): string {
  return hashOf({ content, uid, gid, mode });
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
