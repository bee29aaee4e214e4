import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type GantryError, GantryErrors, messageOf, type Place } from '../errors.ts';
import type { SettingsFinding } from '../model/settings/settings.ts';
import { checkEngine } from './check-engine.ts';
import { checkFiles } from './check-files.ts';
import { checkIdleProcesses } from './check-idle.ts';
import { checkKnownNames } from './check-names.ts';
import { checkNetworks } from './check-networks.ts';
import { checkOptions } from './check-options.ts';
import { checkPublic } from './check-public.ts';
import { checkReserved } from './check-reserved.ts';
import { checkResources } from './check-resources.ts';
import { checkServices } from './check-services.ts';
import type { Check } from './checking.ts';
import { describeIssues } from './issues.ts';
import type { Known } from './known.ts';
import type { CloudConfig, CloudSchema } from './schema.ts';
import { configError, isMapping, type Path, Source } from './source.ts';

/** Where a value comes from: the default, the command line, or this place of the file. */
export type Origin = 'default' | 'flag' | Place;

export interface LoadOptions {
  schema: CloudSchema;
  /** File to read; where it is not given, `cloud.yaml` of the directory, which may be missing. */
  path?: string;
  /** The content, instead of reading the file. */
  text?: string;
  /** Directory that the default file and relative paths without a file start at. */
  directory: string;
  /** Values from the command line by dotted path, such as `public.address`; they win over the file. */
  overrides?: Record<string, unknown>;
  /** What services find wrong in their own settings; see ServiceDefinition.checkSettings. */
  findings?: (config: CloudConfig) => readonly SettingsFinding[];
  /** Names of the catalogue, which the release decides on as well; without it they are not checked. */
  known?: (config: CloudConfig) => Known;
  /** Whether a certificate is valid at this time is not checked without it. */
  clock?: () => Date;
}

export interface LoadedConfig {
  config: CloudConfig;
  /** Origin of every single value by dotted path; a list of plain values counts as one. */
  origins: Record<string, Origin>;
  /** What works but should be changed, such as options under their former name. */
  warnings: GantryError[];
}

/** Reads cloud.yaml and checks all of it. Throws GantryErrors with every mistake, in the order of the file. */
export function loadCloudConfig(options: LoadOptions): LoadedConfig {
  const source = readSource(options);
  const overrides = Object.entries(options.overrides ?? {}).filter(([, value]) => value !== undefined);
  const flags = new Set(overrides.map(([path]) => path));
  const errors = [...source.errors];
  if (!source.isReadable) throw new GantryErrors(sortByPlace(errors));

  const given = applyOverrides(source.value, overrides);
  const parsed = options.schema.safeParse(given);
  errors.push(
    ...describeIssues(parsed.error?.issues ?? [], given, { schema: options.schema, source, flags }),
  );
  const { sound, wrong } = salvage(options.schema, given);
  const check: Check = {
    config: sound,
    given,
    source,
    baseDirectory:
      options.path === undefined ? options.directory : dirname(resolve(options.directory, options.path)),
    clock: options.clock,
    isFlag: (path) => flags.has(path.join('.')),
    isSound: (path) => !wrong.some((one) => startsWith(one, path) || startsWith(path, one)),
    errors,
    warnings: [],
  };
  checkEngine(check, options.schema);
  checkReserved(check);
  checkNetworks(check);
  const known = options.known?.(sound);
  checkPublic(check, known);
  checkResources(check);
  const config = checkFiles(check);
  if (known) {
    checkKnownNames(check, known);
    checkOptions(check, known);
    checkIdleProcesses(check, known);
  }
  checkServices(check, options.findings?.(sound) ?? []);
  if (errors.length > 0) throw new GantryErrors(sortByPlace(errors));
  return { config, origins: findOrigins(config, source, flags), warnings: sortByPlace(check.warnings) };
}

function readSource({ path, text, directory }: LoadOptions): Source {
  const file = path ?? 'cloud.yaml';
  if (text !== undefined) return new Source(file, text);
  const start: Place = { file, line: 1, column: 1 };
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(directory, file));
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (path === undefined && code === 'ENOENT') return new Source(file, '');
    const reasons: Record<string, string> = { ENOENT: 'it does not exist', EISDIR: 'it is a directory' };
    const why = reasons[code ?? ''] ?? messageOf(thrown);
    const next = 'Give the path of a cloud.yaml, or none: everything in it has a default.';
    const error = configError('config.unreadable', `cannot read ${file}: ${why}`, start, {
      next,
      cause: thrown,
    });
    throw new GantryErrors([error]);
  }
  return new Source(file, decodeUtf8(bytes, start));
}

function decodeUtf8(bytes: Buffer, start: Place): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const before = bytes.toString('utf8').split('\uFFFD')[0] ?? '';
    const lines = before.split(/\r\n|\n|\r/);
    const place = { ...start, line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
    throw new GantryErrors([configError('config.encoding', `${start.file} is not UTF-8 text`, place)]);
  }
}

/** A copy with the values of the command line in it. Where the file has no mapping on the way, it stays wrong. */
function applyOverrides(value: unknown, overrides: [string, unknown][]): unknown {
  const result = value === undefined || value === null ? {} : structuredClone(value);
  for (const [path, override] of overrides) {
    const parts = path.split('.');
    const last = parts.pop() as string;
    let target: unknown = result;
    for (const part of parts) {
      if (!isMapping(target)) break;
      target[part] ??= {};
      target = target[part];
    }
    if (isMapping(target)) target[last] = override;
  }
  return result;
}

/** The configuration that is left without what is wrong, so that rules over several keys can be checked as well. */
function salvage(schema: CloudSchema, given: unknown): { sound: CloudConfig; wrong: Path[] } {
  const wrong: Path[] = [];
  let value = given;
  for (let levelsUp = 0; ; levelsUp += 1) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { sound: parsed.data, wrong };
    const paths = parsed.error.issues
      .flatMap(wrongPaths)
      .map((path) => path.slice(0, Math.max(0, path.length - levelsUp)));
    wrong.push(...paths);
    value = without(value, paths);
  }
}

/** What must be taken out so that the rest can be checked; of a list with a mistake, the whole list. */
function wrongPaths(issue: { code: string; path: PropertyKey[]; keys?: string[] }): Path[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    const inList = path.findIndex((part) => typeof part === 'number');
    return inList >= 0 ? [path.slice(0, inList)] : (issue.keys ?? []).map((key) => [...path, key]);
  }
  const inList = path.findIndex((part) => typeof part === 'number');
  return [inList >= 0 ? path.slice(0, inList) : path];
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part);
}

function without(value: unknown, paths: Path[]): unknown {
  let result = structuredClone(value);
  for (const path of paths) {
    if (path.length === 0) result = {};
    const target = path
      .slice(0, -1)
      .reduce<unknown>((at, part) => (isMapping(at) ? at[part as string] : undefined), result);
    if (isMapping(target)) delete target[path.at(-1) as string];
  }
  return result;
}

function findOrigins(config: CloudConfig, source: Source, flags: Set<string>): Record<string, Origin> {
  const origins: Record<string, Origin> = {};
  const visit = (value: unknown, path: Path): void => {
    if (isMapping(value)) {
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
    } else if (Array.isArray(value) && value.some(isMapping)) {
      for (const [index, item] of value.entries()) visit(item, [...path, index]);
    } else if (value !== undefined) {
      const name = path.join('.');
      if (flags.has(name)) origins[name] = 'flag';
      else origins[name] = source.has(path) ? source.valuePlace(path) : 'default';
    }
  };
  visit(config, []);
  return origins;
}

function sortByPlace(errors: GantryError[]): GantryError[] {
  const rank = (error: GantryError) => [error.place?.line ?? 0, error.place?.column ?? 0] as const;
  return [...errors].sort((a, b) => {
    const [lineA, columnA] = rank(a);
    const [lineB, columnB] = rank(b);
    return lineA - lineB || columnA - columnB;
  });
}
