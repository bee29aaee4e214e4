import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { GantryError } from '../errors.ts';
import { packContext } from './context.ts';
import { type Base, renderDockerfile } from './dockerfile.ts';
import { isMissing, LineAssembler, readMessages } from './engine-stream.ts';
import { type Image, imageLabels, repositoryOf } from './image.ts';
import { readPackages } from './packages.ts';
import { pullImage } from './pull.ts';
import { provideRootfs } from './rootfs.ts';

export interface Proxies {
  http?: string | undefined;
  https?: string | undefined;
  /** Hosts that are reached without a proxy, by commas. */
  no?: string | undefined;
}

export interface BuildOptions {
  /** Tag that the image gets beside its hash, such as `epoxy`. */
  version: string;
  proxies?: Proxies | undefined;
  /** Debian's archive, such as http://deb.debian.org/debian. */
  mirror?: string | undefined;
  /** Registry to take images from that it has, such as registry.example.org:5000/cloud. */
  registry?: string | undefined;
  /** Build again, with today's packages, what is there already. */
  fresh?: boolean | undefined;
  /** Where the logs are kept, one file per image and hash. */
  logDirectory: string;
  /** The environment that mmdebstrap is run in, where it is needed, and that names Docker's configuration. */
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  onLine?(line: string): void;
  /** `done` of `total` instructions of the Dockerfile are finished; `text` is the one that runs. */
  onProgress?(done: number, total: number, text: string): void;
  /** Bytes received where the image is pulled instead. */
  onBytes?(done: number, total: number): void;
}

export interface BuildResult {
  /** `unchanged`: an image of the same inputs was there. */
  status: 'built' | 'pulled' | 'unchanged';
  /** Id of the image on the engine. */
  id: string;
  /** The log of the build, where there was one. */
  log?: string;
}

/**
 * Builds one image whose parents are there, or only tags it with the version where an image of the same inputs
 * exists, on the engine or in the registry. Uses the engine's classic builder, which old and new engines have.
 * Throws `image.build-failed` with the last lines of the log, and what pullImage throws.
 */
export async function buildImage(docker: Docker, image: Image, options: BuildOptions): Promise<BuildResult> {
  const existing = options.fresh ? undefined : await inspectId(docker, image.reference);
  if (existing) {
    await tagImage(docker, image, options.version);
    return { status: 'unchanged', id: existing };
  }
  if (options.registry && !options.fresh) {
    const pulled = await pullImage(docker, image, { ...options, registry: options.registry });
    if (pulled) {
      await tagImage(docker, image, options.version);
      return { status: 'pulled', id: pulled };
    }
  }

  await mkdir(options.logDirectory, { recursive: true });
  const log = join(options.logDirectory, `${image.name}-${image.hash}.log`);
  const file = createWriteStream(log);
  const lines: string[] = [];
  const onLine = (line: string) => {
    file.write(`${line}\n`);
    lines.push(line);
    options.onLine?.(line);
  };
  try {
    const id = await buildAndLabel(docker, image, { ...options, onLine });
    await tagImage(docker, image, options.version);
    return { status: 'built', id, log };
  } catch (thrown) {
    options.signal?.throwIfAborted();
    if (thrown instanceof BuildFailure) throw buildFailed(image, thrown.message, lines, log);
    throw thrown;
  } finally {
    file.end();
    await finished(file);
  }
}

/** What the builder of the engine says when an instruction fails. */
class BuildFailure extends Error {}

/**
 * Two builds: which packages the image holds is known only after the first one, and the second one, which adds
 * nothing but labels, makes no layer.
 */
async function buildAndLabel(
  docker: Docker,
  image: Image,
  options: BuildOptions & { onLine(line: string): void },
): Promise<string> {
  const bases = await resolveBases(docker, image, options);
  const resolve = (base: Base) => bases.get(keyOf(base)) ?? '';
  const unlabelled = await runBuild(
    docker,
    packContext(renderDockerfile(image.dockerfile, resolve), image.context),
    {
      nocache: options.fresh ?? false,
      buildargs: { ...buildArguments(options), ...image.buildArguments },
      labels: nameLabels(image, options.version),
    },
    options,
  );
  const baseName = image.base === undefined ? bases.get('rootfs') : image.parentReferences[image.base];
  const labels = {
    ...nameLabels(image, options.version),
    [imageLabels.title]: image.name,
    [imageLabels.description]: image.summary,
    [imageLabels.hash]: image.hash,
    [imageLabels.release]: image.release.name,
    [imageLabels.packages]: await readPackages(docker, unlabelled),
    [imageLabels.baseName]: baseName ?? '',
    [imageLabels.baseDigest]: baseName ? ((await inspectId(docker, baseName)) ?? '') : '',
  };
  const context = packContext(`FROM ${unlabelled}\n`, []);
  return runBuild(docker, context, { labels, t: image.reference }, { ...options, onProgress: () => {} });
}

/** Exact references of all that the Dockerfile builds on. */
async function resolveBases(
  docker: Docker,
  image: Image,
  options: BuildOptions & { onLine(line: string): void },
): Promise<Map<string, string>> {
  const bases = new Map<string, string>();
  for (const { base } of image.dockerfile.uses) {
    if (base.kind === 'image') bases.set(keyOf(base), image.parentReferences[base.name] ?? '');
    if (base.kind !== 'rootfs' || bases.has('rootfs')) continue;
    const proxies = proxyVariables(options.proxies);
    const environment = { ...options.environment, ...proxies };
    bases.set('rootfs', await provideRootfs(docker, image.release, { ...options, environment }));
  }
  return bases;
}

function keyOf(base: Base): string {
  return base.kind === 'image' ? repositoryOf(base.name) : base.kind;
}

async function runBuild(
  docker: Docker,
  context: Readable,
  build: Docker.ImageBuildOptions,
  options: Pick<BuildOptions, 'signal' | 'onLine' | 'onProgress'>,
): Promise<string> {
  const body = await docker.buildImage(context, {
    ...build,
    version: '1',
    rm: true,
    forcerm: true,
    ...(options.signal && { abortSignal: options.signal }),
  });
  let id = '';
  const lines = new LineAssembler((line) => {
    const step = /^Step (\d+)\/(\d+) : (.*)/.exec(line);
    if (step) options.onProgress?.(Number(step[1]) - 1, Number(step[2]), inBrief(step[3] ?? ''));
    options.onLine?.(line);
  });
  for await (const message of readMessages(body)) {
    if (message.stream) lines.write(message.stream);
    if (message.aux?.ID) id = message.aux.ID;
    if (message.error) {
      lines.end();
      throw new BuildFailure(message.error);
    }
  }
  lines.end();
  return id;
}

async function tagImage(docker: Docker, image: Image, version: string): Promise<void> {
  await docker.getImage(image.reference).tag({ repo: repositoryOf(image.name), tag: version });
}

/** Present from the first moment, so that leftovers of an interrupted build can be told from others' images. */
function nameLabels(image: Image, version: string): Record<string, string> {
  return { [imageLabels.name]: image.name, [imageLabels.version]: version };
}

function buildArguments(options: BuildOptions): Record<string, string> {
  return {
    ...proxyVariables(options.proxies),
    ...(options.mirror && { DEBIAN_MIRROR: options.mirror }),
  };
}

/** The names that builders know: they reach every RUN and stay out of the image's history. */
function proxyVariables(proxies: Proxies = {}): Record<string, string> {
  const variables: Record<string, string> = {};
  const set = (name: string, value: string | undefined) => {
    if (!value) return;
    variables[name] = value;
    variables[name.toUpperCase()] = value;
  };
  set('http_proxy', proxies.http);
  set('https_proxy', proxies.https);
  set('no_proxy', proxies.no);
  return variables;
}

async function inspectId(docker: Docker, reference: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(reference).inspect()).Id;
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

function buildFailed(image: Image, message: string, lines: string[], log: string): GantryError {
  const last = lines.slice(-15);
  return new GantryError({
    code: 'image.build-failed',
    whose: 'environment',
    message: `Image ${image.name} could not be built`,
    place: { file: image.dockerfile.path, line: 1, column: 1 },
    why: [...last, shortened(message)].join('\n'),
    next: `The whole log is in ${log}`,
  });
}

/** The beginning of an instruction, whose continued lines the engine joins with all their blanks. */
function inBrief(instruction: string): string {
  const text = instruction.replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The engine repeats the whole instruction, of which the log has every word. */
function shortened(message: string): string {
  return message.replace(/^(The command '.{60}).*(' returned a non-zero code)/s, '$1...$2');
}
