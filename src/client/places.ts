import { accessSync, constants, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { suggest } from '../config/nearest.ts';
import { messageOf, usageError } from '../errors.ts';
import type { FileArgument, FileArguments } from './arguments.ts';
import { commonDirectory, filesNamedBy, isWithin } from './templates.ts';

/** A file of the user that the client reads. */
export interface Given {
  /** As its user wrote it. */
  path: string;
  /** On the user's machine; undefined for standard input. */
  source: string | undefined;
  /** In bytes; undefined where it is known at its end only, as of a pipe. */
  size: number | undefined;
  /** In the client's container, below the directory of this call. */
  place: string;
}

/** A file that the client writes. */
export interface Taken {
  path: string;
  target: string;
  place: string;
  /** Permissions of a new file; undefined for what is usual. */
  mode: number | undefined;
  /** Added to what is there, whatever the command came to. */
  append: boolean;
  /** There before: the client is to see that. */
  exists: boolean;
}

/** Where files are whose places to each other matter, and which directory of the user that stands for. */
export interface Root {
  place: string;
  directory: string;
}

/** A call of the client with the files that go with it. */
export interface Handing {
  /** As the client is to be given them, where this is the directory of the call. */
  args(directory: string): string[];
  given: Given[];
  taken: Taken[];
  /** Of templates, which name each other, and other files, by their places. */
  templates?: Root;
  /** True where standard input is one of the files given, and not the client's. */
  stdinTaken: boolean;
  /** True where the client reads a file from standard input. */
  readsStdin: boolean;
}

/** Where the client works: relative paths are the same there. */
export const HERE = 'here';

export interface User {
  directory: string;
  home: string;
}

/**
 * Says where in the client's container each file is, and what its argument becomes. A relative path stays as it is,
 * since the client may show it or name something after it; others lead to a directory of their own. Throws where a file
 * cannot be read or written, before anything is done.
 */
export function placeFiles(args: readonly string[], found: FileArguments, user: User): Handing {
  const given: Given[] = [];
  const taken: Taken[] = [];
  const replaced = new Map<number, (directory: string) => string>();
  const dropped = new Set<number>();
  const added: string[] = [];
  const templates: Template[] = [];
  let stdinTaken = false;

  for (const [number, file] of found.files.entries()) {
    const { path, use, index } = file;
    const isInput = use.startsWith('in');
    if (path === '-' || (isInput && path === '/dev/stdin')) {
      if (!isInput) continue;
      if (use === 'in-or-stdin') {
        // Its own way to read standard input needs no copy of it.
        dropped.add(index);
        if (!args[index]?.startsWith('--')) dropped.add(index - 1);
        continue;
      }
      if (stdinTaken) throw usageError(`${file.name} - : standard input is taken by another argument`);
      stdinTaken = true;
      given.push({ path, source: undefined, size: undefined, place: join(HERE, '-') });
      if (path !== '-') replaced.set(index, () => `${args[index]?.slice(0, file.start) ?? ''}-`);
      continue;
    }
    const outside = expandHome(path, user.home);
    const stats = look(file, resolve(user.directory, outside));
    if (use === 'in-or-text' && !stats?.isFile()) continue;
    if (use === 'in-template') {
      if (!isUrl(path)) templates.push({ file, source: resolve(user.directory, outside), stats });
      continue;
    }
    const stays = outside === path && isBelow(path);
    const place = stays
      ? join(HERE, normalize(path))
      : join('files', String(number), basename(resolve(outside)));
    if (!stays) {
      const before = args[index]?.slice(0, file.start) ?? '';
      replaced.set(index, (directory) => `${before}${join(directory, place)}`);
      if (use === 'in-named' && !found.given.has('--name')) added.push('--name', nameAfter(file, found));
    }
    if (isInput) given.push(readable(file, resolve(user.directory, outside), stats, place));
    else taken.push(writable(file, resolve(user.directory, outside), stats, place));
  }
  const root = placeTemplates(templates, args, user, { given, replaced });
  return {
    args: (directory) => [
      ...args
        .map((argument, index) => replaced.get(index)?.(directory) ?? argument)
        .filter((_, index) => !dropped.has(index)),
      ...added,
    ],
    given: given.filter(({ place }, index) => given.findIndex((other) => other.place === place) === index),
    taken,
    ...(root ? { templates: root } : {}),
    stdinTaken,
    readsStdin: found.readsStdin || dropped.size > 0,
  };
}

interface Template {
  file: FileArgument;
  source: string;
  stats: Stats | undefined;
}

/**
 * Templates go with all files that they name, each at the same way from the others: below one directory, so that a path of
 * the user's stands for one place, whichever of them names it.
 */
function placeTemplates(
  templates: readonly Template[],
  args: readonly string[],
  { directory }: User,
  { given, replaced }: { given: Given[]; replaced: Map<number, (directory: string) => string> },
): Root | undefined {
  if (templates.length === 0) return undefined;
  const all = templates.flatMap(({ file, source, stats }) => [
    { ...readable(file, source, stats, ''), source },
    ...filesNamedBy(source).map((path) => namedFile(file, path, directory)),
  ]);
  const stay =
    templates.every(({ file: { path } }) => !path.startsWith('~') && !isAbsolute(path)) &&
    all.every((one) => isWithin(directory, one.source));
  const root = stay
    ? { place: HERE, directory }
    : { place: join('files', 'templates'), directory: commonDirectory(all.map((one) => one.source)) };
  const placeOf = (source: string) => join(root.place, relative(root.directory, source));
  given.push(...all.map((one) => ({ ...one, place: placeOf(one.source) })));
  if (stay) return root;
  for (const { file, source } of templates) {
    const before = args[file.index]?.slice(0, file.start) ?? '';
    replaced.set(file.index, (base) => `${before}${join(base, placeOf(source))}`);
  }
  return root;
}

function namedFile(by: FileArgument, path: string, directory: string): Given & { source: string } {
  const named = { ...by, path: relative(directory, path) };
  const there = statSync(path, { throwIfNoEntry: false });
  if (there) return { ...readable(named, path, there, ''), source: path };
  throw usageError(`${by.path} names ${path}, which is not there${suggestBeside(path)}`);
}

function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(path);
}

function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

function isBelow(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/** The client would name it after a path that is not the user's. */
function nameAfter(file: FileArgument, { files }: FileArguments): string {
  if (files.filter(({ use }) => use === 'in-named').length === 1) return file.path;
  throw usageError(`${file.path} is not below the working directory`, {
    why: 'The client names what it makes after the path of each file, and sees them in another place.',
    next: 'Go to a directory above the files, or hand them in one by one.',
  });
}

function look({ name, path, use }: FileArgument, place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch (thrown) {
    // What is no path, such as a long text, cannot be looked for.
    if (use === 'in-or-text') return undefined;
    throw usageError(`${name}: ${path} cannot be looked at`, { why: messageOf(thrown) });
  }
}

function readable(file: FileArgument, source: string, stats: Stats | undefined, place: string): Given {
  if (!stats) {
    throw usageError(`${file.name}: there is no file ${file.path}${suggestBeside(source)}`);
  }
  if (stats.isDirectory()) throw usageError(`${file.name}: ${file.path} is a directory`);
  check(file, source, constants.R_OK, 'read');
  return { path: file.path, source, size: stats.isFile() ? stats.size : undefined, place };
}

function writable(file: FileArgument, target: string, stats: Stats | undefined, place: string): Taken {
  if (stats?.isDirectory()) throw usageError(`${file.name}: ${file.path} is a directory`);
  if (stats) check(file, target, constants.W_OK, 'written');
  else check(file, dirname(target), constants.W_OK | constants.X_OK, 'written');
  return {
    path: file.path,
    target,
    place,
    mode: file.use === 'out-secret' ? 0o600 : undefined,
    append: file.use === 'out-append',
    exists: file.use === 'out-new' && stats !== undefined,
  };
}

function check({ name, path }: FileArgument, checked: string, access: number, done: string): void {
  try {
    accessSync(checked, access);
  } catch (thrown) {
    throw usageError(`${name}: ${path} cannot be ${done}`, { why: messageOf(thrown) });
  }
}

function suggestBeside(path: string): string {
  try {
    return suggest(basename(path), readdirSync(dirname(path)));
  } catch {
    return '; nor is there its directory';
  }
}
