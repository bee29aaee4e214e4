import type { ObservedInstance } from '../model/observed.ts';
import type { Process, Resources } from '../model/workload.ts';
import { compareText } from './graph.ts';
import { hashOfSettings, type Identity } from './identity.ts';
import { changedIniKeys, looksLikeIni } from './ini.ts';

/** What something was made from: of a container, or of what a controller makes containers from. */
type MadeFrom = Pick<
  ObservedInstance,
  'image' | 'settings' | 'resources' | 'surroundings' | 'fileHashes' | 'files'
>;

/** Keys named in one cause before the rest is only counted. */
const KEYS_SHOWN = 6;

/** Why an instance of another identity must be replaced: exactly what changed, in words, never a value. */
export function describeReplacement(process: Process, wanted: Identity, instance: MadeFrom): string {
  const reloadable = new Set(process.files.filter((file) => file.reloadable).map((file) => file.path));
  const changedFiles = changedPaths(wanted, instance).filter(
    (path) => !reloadable.has(path) || instance.fileHashes[path] === undefined,
  );
  const causes: string[] = [];
  if (wanted.image !== instance.image) causes.push(`image of ${process.name} changed`);
  if (wanted.settings !== instance.settings) causes.push(...describeSettings(process, instance));
  causes.push(...describeSurroundings(process, instance), ...describeFiles(process, instance, changedFiles));
  // Left over: how the same content counts, such as a file that became reloadable.
  return causes.join('; ') || `what ${process.name} is made of is recorded differently`;
}

/** Which files differ that the process can take up while it runs, or undefined when none does. */
export function describeReload(process: Process, wanted: Identity, instance: MadeFrom): string | undefined {
  const reloadable = new Set(process.files.filter((file) => file.reloadable).map((file) => file.path));
  const changed = changedPaths(wanted, instance).filter((path) => reloadable.has(path));
  return changed.length === 0 ? undefined : describeFiles(process, instance, changed).join('; ');
}

const resourceWords = {
  memoryMiB: ['memory limit', (value: unknown) => `${value} MiB`],
  cpus: ['CPU limit', String],
  cpuset: ['CPUs', String],
  numaNodes: ['NUMA nodes', String],
  guaranteed: ['guarantee of its limits', () => 'given'],
} as const satisfies Record<keyof Resources, readonly [string, (value: unknown) => string]>;

/** What it is limited to may be shown. That other settings changed as well is seen by what their hash would be without. */
function describeSettings(process: Process, { settings, resources }: MadeFrom): string[] {
  const others = `settings of ${process.name} changed`;
  if (!resources) return [others];
  const causes = (Object.keys(resourceWords) as (keyof Resources)[])
    .filter((key) => process.resources[key] !== resources[key])
    .map((key) => {
      const [what, inWords] = resourceWords[key];
      const [before, now] = [resources[key], process.resources[key]].map((value) =>
        value === undefined ? 'none' : inWords(value),
      );
      return `${what} of ${process.name} changed from ${before} to ${now}`;
    });
  const isAll = hashOfSettings({ ...process, resources }) === settings;
  return isAll && causes.length > 0 ? causes : [others, ...causes];
}

/** Surroundings are addresses, which may be shown. */
function describeSurroundings(
  { name, surroundings: wanted = {} }: Process,
  { surroundings: before = {} }: MadeFrom,
): string[] {
  const changed = [...new Set([...Object.keys(wanted), ...Object.keys(before)])]
    .filter((what) => wanted[what] !== before[what])
    .sort(compareText);
  return changed.map((what) => {
    if (wanted[what] === undefined) return `${what} is nothing to ${name} any more`;
    if (before[what] === undefined) return `${what}, ${wanted[what]}, is not known to ${name}`;
    return `${what} changed from ${before[what]} to ${wanted[what]} for ${name}`;
  });
}

function changedPaths(wanted: Identity, instance: MadeFrom): string[] {
  const paths = new Set([...Object.keys(wanted.fileHashes), ...Object.keys(instance.fileHashes)]);
  return [...paths].filter((path) => wanted.fileHashes[path] !== instance.fileHashes[path]).sort(compareText);
}

function describeFiles(process: Process, instance: MadeFrom, paths: string[]): string[] {
  const keys: string[] = [];
  const causes: string[] = [];
  for (const path of paths) {
    const wanted = process.files.find((file) => file.path === path);
    const before = instance.files[path];
    if (!wanted) causes.push(`file ${path} of ${process.name} removed`);
    else if (instance.fileHashes[path] === undefined) causes.push(`file ${path} of ${process.name} added`);
    else if (before === wanted.content && wanted.reloadable)
      causes.push(`file ${path} of ${process.name} is not taken up yet`);
    else if (before === wanted.content) causes.push(`owner or mode of ${path} of ${process.name} changed`);
    else {
      const iniKeys =
        before !== undefined && looksLikeIni(path)
          ? changedIniKeys(before, wanted.sections ?? wanted.content)
          : undefined;
      if (iniKeys && iniKeys.length > 0) keys.push(...iniKeys);
      else causes.push(`file ${path} of ${process.name} changed`);
    }
  }
  if (keys.length > 0) causes.unshift(`config of ${process.name} changed: ${listKeys([...new Set(keys)])}`);
  return causes;
}

function listKeys(keys: string[]): string {
  if (keys.length <= KEYS_SHOWN) return keys.join(', ');
  return `${keys.slice(0, KEYS_SHOWN).join(', ')} and ${keys.length - KEYS_SHOWN} more`;
}
