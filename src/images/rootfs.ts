import { spawn } from 'node:child_process';
import type Docker from 'dockerode';
import { GantryError, messageOf } from '../errors.ts';
import type { Release } from '../model/releases.ts';
import { timeLimit } from '../time-limit.ts';
import { isMissing, readMessages } from './engine-stream.ts';
import { repositoryOf } from './image.ts';

export interface RootfsOptions {
  /** Debian's archive, such as http://deb.debian.org/debian. */
  mirror?: string | undefined;
  /** Environment of mmdebstrap: proxies and PATH. */
  environment: NodeJS.ProcessEnv;
  /** Make or pull it again even where one is there. */
  fresh?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onLine(line: string): void;
}

/** A registry that has not begun to answer within this time counts as out of reach. */
const registryPatienceMs = 20_000;

const notUnpacked = [
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/lintian/*',
  'path-exclude=/usr/share/locale/*',
];

/**
 * The reference of a bare Debian on the engine: the one of a registry where one can be reached, else one that
 * mmdebstrap makes on this machine. Throws `image.no-rootfs` where neither works.
 */
export async function provideRootfs(
  docker: Docker,
  release: Pick<Release, 'debian'>,
  options: RootfsOptions,
): Promise<string> {
  const pulled = `debian:${release.debian}-slim`;
  const made = `${repositoryOf('rootfs')}:${release.debian}`;
  if (!options.fresh) {
    for (const reference of [pulled, made]) if (await exists(docker, reference)) return reference;
  }
  try {
    await pull(docker, pulled, options);
    return pulled;
  } catch (thrown) {
    options.signal?.throwIfAborted();
    options.onLine(`${pulled} cannot be pulled (${messageOf(thrown)}): making it with mmdebstrap`);
  }
  await bootstrap(docker, release, made, options);
  return made;
}

async function pull(docker: Docker, reference: string, options: RootfsOptions): Promise<void> {
  const patience = timeLimit(registryPatienceMs);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  for await (const message of readMessages(await docker.pull(reference, { abortSignal: signal }))) {
    if (message.error) throw new Error(message.error);
    if (message.status) options.onLine([message.id, message.status].filter(Boolean).join(': '));
  }
}

/** Runs mmdebstrap on the host and imports what it writes, without a file in between. */
async function bootstrap(
  docker: Docker,
  release: Pick<Release, 'debian'>,
  reference: string,
  options: RootfsOptions,
): Promise<void> {
  const mirror = options.mirror ?? 'http://deb.debian.org/debian';
  const sources = [
    `deb ${mirror} ${release.debian} main`,
    `deb ${mirror} ${release.debian}-updates main`,
    `deb ${mirror}-security ${release.debian}-security main`,
  ];
  const child = spawn(
    'mmdebstrap',
    [
      '--variant=minbase',
      '--format=tar',
      ...notUnpacked.map((option) => `--dpkgopt=${option}`),
      '--aptopt=Acquire::Languages "none"',
      // The image is not to remember which mirror it came from.
      '--customize-hook=rm "$1/etc/apt/sources.list"',
      release.debian,
      '-',
      ...sources,
    ],
    { env: options.environment, stdio: ['ignore', 'pipe', 'pipe'], signal: options.signal },
  );
  const output: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
      output.push(line);
      options.onLine(line);
    }
  });
  const finished = new Promise<void>((resolve, reject) => {
    child.on('error', (error) => reject(bootstrapFailure(release, error.message, error)));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(bootstrapFailure(release, output.slice(-10).join('\n')));
    });
  });
  const [repo = '', tag = ''] = reference.split(':');
  const importing = importTar(docker, child.stdout, { repo, tag });
  // mmdebstrap's own words say more than the engine's on a cut-off archive.
  const [made, imported] = await Promise.allSettled([finished, importing]);
  options.signal?.throwIfAborted();
  if (made.status === 'rejected') throw made.reason;
  if (imported.status === 'rejected') throw imported.reason;
}

async function importTar(
  docker: Docker,
  archive: NodeJS.ReadableStream,
  target: { repo: string; tag: string },
): Promise<void> {
  for await (const message of readMessages(await docker.importImage(archive, target))) {
    if (message.error) throw new Error(message.error);
  }
}

function bootstrapFailure(release: Pick<Release, 'debian'>, why: string, cause?: unknown): GantryError {
  const missing = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  return new GantryError({
    code: 'image.no-rootfs',
    whose: 'environment',
    message: `No Debian ${release.debian} to build on: no registry can be reached and mmdebstrap failed`,
    why: missing ? 'mmdebstrap is not installed' : why,
    next: missing
      ? 'apt-get install mmdebstrap'
      : "Check that Debian's archive, or the mirror that you gave, can be reached from this machine.",
    cause,
  });
}

async function exists(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).inspect();
    return true;
  } catch (thrown) {
    if (isMissing(thrown)) return false;
    throw thrown;
  }
}
