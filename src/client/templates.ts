import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/**
 * Files that a template or an environment of Heat names, as absolute paths, and what these name: its client reads them all.
 * https://docs.openstack.org/heat/latest/template_guide/hot_spec.html
 * @param path of a file that can be read
 */
export function filesNamedBy(path: string, known: ReadonlySet<string> = new Set()): string[] {
  const seen = new Set([...known, path]);
  const found: string[] = [];
  for (const name of namesIn(contentOf(path))) {
    const file = pathOf(name, path);
    if (file === undefined || seen.has(file)) continue;
    seen.add(file);
    found.push(file);
    // What is no template, such as a script, names none.
    for (const further of filesNamedBy(file, seen)) {
      seen.add(further);
      found.push(further);
    }
  }
  return found;
}

/** The directory that all of these are below. */
export function commonDirectory(paths: readonly string[]): string {
  const [first = sep, ...others] = paths.map(dirname);
  let common = first;
  while (!others.every((other) => isWithin(common, other))) common = dirname(common);
  return common;
}

export function isWithin(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

/** Undefined for what cannot be read, or is neither YAML nor JSON: the client says so, with the place. */
function contentOf(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'), { logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

/** Undefined for what is no file, such as another URL. */
function pathOf(name: string, from: string): string | undefined {
  if (name.startsWith('file://')) return fileURLToPath(name);
  return /^[a-z][a-z0-9+.-]*:/i.test(name) ? undefined : resolve(dirname(from), name);
}

function namesIn(content: unknown): string[] {
  if (Array.isArray(content)) return content.flatMap(namesIn);
  if (!isMap(content)) return [];
  return Object.entries(content).flatMap(([key, value]) => {
    if (key === 'resource_registry') return registered(value);
    if (typeof value !== 'string') return namesIn(value);
    return key === 'get_file' || (key === 'type' && isTemplate(value)) ? [value] : [];
  });
}

/** Types of resources that are made by templates, for all of a stack or for one resource of it. */
function registered(registry: unknown): string[] {
  if (!isMap(registry)) return [];
  const { resources, ...types } = registry;
  return [
    ...Object.values(types).filter((value) => typeof value === 'string' && isTemplate(value)),
    ...(isMap(resources) ? Object.values(resources).flatMap(registered) : []),
  ] as string[];
}

function isTemplate(name: string): boolean {
  return /\.(yaml|template)$/.test(name);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
