import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, type Place } from '../errors.ts';
import { type Release, releases } from '../model/releases.ts';
import { type ContextFile, readBundle, readContext } from './context.ts';
import { type Description, parseDescription } from './description.ts';
import { type BaseUse, type Dockerfile, parseDockerfile } from './dockerfile.ts';
import { hashInputs } from './hash.ts';
import { type Image, type ImageGraph, repositoryOf } from './image.ts';

/** What is in one folder `catalogue/<service>/images/<name>`. */
export interface ImageSource {
  name: string;
  service: string;
  dockerfile: Dockerfile;
  context: ContextFile[];
  description: Description;
}

/**
 * Reads every image of the catalogue below `root`, parents first.
 * Throws `image.unknown-parent`, `image.cycle` or `image.description` with the place in the file.
 */
export async function loadImageGraph(root: string, release: Release = releases[0]): Promise<ImageGraph> {
  const sources: ImageSource[] = [];
  for (const service of await directories(join(root, 'catalogue'))) {
    for (const name of await directories(join(root, 'catalogue', service, 'images'))) {
      sources.push(await readSource(root, service, name));
    }
  }
  return { release, images: resolveImages(sources, release) };
}

/** Orders the images along their parents and gives each its hash and reference. */
export function resolveImages(sources: ImageSource[], release: Release): Image[] {
  const byName = new Map(sources.map((source) => [source.name, source]));
  const resolved = new Map<string, Image>();

  const resolve = (source: ImageSource, path: string[]): Image => {
    const known = resolved.get(source.name);
    if (known) return known;
    const parents = new Map<string, Image>();
    for (const use of source.dockerfile.uses) {
      if (use.base.kind !== 'image') continue;
      const parent = byName.get(use.base.name);
      if (!parent) throw unknownParent(source, use, use.base.name);
      if (path.includes(parent.name)) throw cycle(source, use, [...path, parent.name]);
      parents.set(parent.name, resolve(parent, [...path, parent.name]));
    }
    const image = makeImage(source, parents, release);
    resolved.set(image.name, image);
    return image;
  };

  for (const source of sources) resolve(source, [source.name]);
  return [...resolved.values()];
}

/** The image of this name, or `image.unknown`. */
export function findImage(graph: ImageGraph, name: string): Image {
  const image = graph.images.find((candidate) => candidate.name === name);
  if (image) return image;
  throw new GantryError({
    code: 'image.unknown',
    whose: 'user',
    message: `There is no image ${name}`,
    next: `The images are ${graph.images.map((candidate) => candidate.name).join(', ')}.`,
  });
}

/** Those that are meant where none is named. */
export function usualImages(graph: ImageGraph): Image[] {
  return graph.images.filter(({ onDemand }) => !onDemand);
}

/** The named images and all they are built on, parents first; the usual ones where no name is given. */
export function withParents(graph: ImageGraph, names: string[]): Image[] {
  if (names.length === 0) return usualImages(graph);
  const wanted = new Set<string>();
  const add = (name: string) => {
    wanted.add(name);
    findImage(graph, name).parents.forEach(add);
  };
  names.forEach(add);
  return graph.images.filter((image) => wanted.has(image.name));
}

function makeImage(source: ImageSource, parents: Map<string, Image>, release: Release): Image {
  const parentHashes = Object.fromEntries([...parents.values()].map(({ name, hash }) => [name, hash]));
  const buildArguments = argumentsOf(release, source.dockerfile);
  const hash = hashInputs({
    release: release.name,
    buildArguments,
    dockerfile: source.dockerfile.text,
    context: source.context,
    parents: parentHashes,
  });
  const last = source.dockerfile.uses.find((use) => use.last)?.base;
  return {
    ...source.description,
    name: source.name,
    service: source.service,
    release,
    dockerfile: source.dockerfile,
    context: source.context,
    buildArguments,
    hash,
    reference: `${repositoryOf(source.name)}:${hash}`,
    parents: [...parents.keys()],
    base: last?.kind === 'image' ? last.name : undefined,
    parentReferences: Object.fromEntries(
      [...parents.values()].map(({ name, reference }) => [name, reference]),
    ),
  };
}

/** Those of the release's arguments that the file declares: others would change its hash, and nothing else. */
function argumentsOf(release: Release, { buildArguments }: Dockerfile): Record<string, string> {
  const given = Object.entries(release.buildArguments).filter(([name]) => buildArguments.includes(name));
  return Object.fromEntries(given);
}

async function readSource(root: string, service: string, name: string): Promise<ImageSource> {
  const folder = join('catalogue', service, 'images', name);
  const [dockerfile, text, context] = await Promise.all([
    readFile(join(root, folder, 'Dockerfile'), 'utf8'),
    readFile(join(root, folder, 'image.yaml'), 'utf8'),
    readContext(join(root, folder)),
  ]);
  const description = parseDescription(join(folder, 'image.yaml'), text);
  const bundles = await Promise.all((description.bundles ?? []).map((bundle) => readBundle(root, bundle)));
  return {
    name,
    service,
    dockerfile: parseDockerfile(join(folder, 'Dockerfile'), dockerfile),
    context: [...context, ...bundles],
    description,
  };
}

async function directories(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}

function unknownParent(source: ImageSource, use: BaseUse, parent: string): GantryError {
  return new GantryError({
    code: 'image.unknown-parent',
    whose: 'bug',
    message: `Image ${source.name} is built on gantry/${parent}, which is not in the catalogue`,
    place: placeOf(source.dockerfile, use),
  });
}

function cycle(source: ImageSource, use: BaseUse, path: string[]): GantryError {
  return new GantryError({
    code: 'image.cycle',
    whose: 'bug',
    message: `Image ${source.name} is built on itself: ${path.join(' -> ')}`,
    place: placeOf(source.dockerfile, use),
  });
}

function placeOf(dockerfile: Dockerfile, { line, column }: BaseUse): Place {
  return { file: dockerfile.path, line, column, text: dockerfile.text.split('\n')[line - 1] ?? '' };
}
