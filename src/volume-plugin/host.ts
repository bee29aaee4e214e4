import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { type Content, contentOf, type Probe } from './content.ts';
import { type Disk, findDisk } from './devices.ts';
import { type MountEntry, type Namespace, parseMountInfo } from './mounts.ts';
import type { Filesystem } from './options.ts';
import { failure, refusal } from './problem.ts';

/** This server, as the plugin looks at it and changes it. */
export interface Host {
  disk(volume: string): Promise<Disk | undefined>;
  content(disk: Disk): Promise<Content>;
  /** Throws `volume.no-tools` where the server cannot make such a file system. */
  checkTools(filesystem: Filesystem): Promise<void>;
  format(disk: Disk, filesystem: Filesystem, uuid: string, signal: AbortSignal): Promise<void>;
  /** Mounts that the plugin's own namespace has. */
  mounts(): Promise<MountEntry[]>;
  /** The other mount namespaces. */
  namespaces(): Promise<Namespace[]>;
  /** Makes the directory of a volume, and with it says that the plugin wants it on this server. */
  claim(directory: string): Promise<void>;
  isClaimed(directory: string): Promise<boolean>;
  /** Removes it; one that is not there is fine, one that something is in is not. */
  release(directory: string): Promise<void>;
  mount(disk: Disk, filesystem: Filesystem, options: string | undefined, directory: string): Promise<void>;
  unmount(directory: string): Promise<void>;
  /** Makes the directory that containers see; one that is there stays as it is. */
  provide(directory: string, owner: { uid: number; gid: number; mode: number }): Promise<void>;
}

const BLOCKS = '/sys/block';
const PROGRAM_LIMIT_MS = 60_000;
/** Under emulation the tables of a large file system take a while. */
const FORMAT_LIMIT_MS = 90_000;

const devicePath = ({ name }: Disk): string => `/dev/${name}`;

/** The tools that make a file system, with what they are told: it is proven that there is nothing to lose. */
const makers: Record<Filesystem, { program: string; arguments(uuid: string): string[] }> = {
  ext4: { program: 'mkfs.ext4', arguments: (uuid) => ['-q', '-F', '-m', '0', '-U', uuid] },
  xfs: { program: 'mkfs.xfs', arguments: (uuid) => ['-q', '-f', '-m', `uuid=${uuid}`] },
};
const packageOf: Record<Filesystem, string> = { ext4: 'e2fsprogs', xfs: 'xfsprogs' };

export function openHost(): Host {
  return {
    disk: (volume) => findDisk(BLOCKS, volume),
    content: async (disk) => {
      const probe = await run('blkid', ['-p', '-o', 'export', devicePath(disk)], PROGRAM_LIMIT_MS);
      const handle = await open(devicePath(disk), 'r');
      try {
        return await contentOf(probe, handle, disk.size);
      } finally {
        await handle.close();
      }
    },
    checkTools: async (filesystem) => {
      const { program } = makers[filesystem];
      const { code } = await run('sh', ['-c', 'command -v "$1"', 'sh', program], PROGRAM_LIMIT_MS);
      if (code === 0) return;
      throw refusal('no-tools', `this server has no ${program}`, `apt-get install ${packageOf[filesystem]}`);
    },
    format: async (disk, filesystem, uuid, signal) => {
      const maker = makers[filesystem];
      await must(maker.program, [...maker.arguments(uuid), devicePath(disk)], FORMAT_LIMIT_MS, signal);
    },
    mounts: async () => parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8')),
    namespaces: readNamespaces,
    claim: async (directory) => {
      await mkdir(directory, { recursive: true, mode: 0o711 });
    },
    isClaimed: exists,
    release: async (directory) => {
      if (await exists(directory)) await rmdir(directory);
    },
    mount: async (disk, filesystem, options, directory) => {
      const chosen = options === undefined ? [] : ['-o', options];
      await must('mount', ['-t', filesystem, ...chosen, devicePath(disk), directory], PROGRAM_LIMIT_MS);
    },
    unmount: (directory) => must('umount', [directory], PROGRAM_LIMIT_MS),
    provide: provideDirectory,
  };
}

/** Appears as a whole: whoever is killed meanwhile leaves none that has another owner. */
async function provideDirectory(
  directory: string,
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
): Promise<void> {
  if (await exists(directory)) return;
  const unfinished = `${directory}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  await chown(unfinished, uid, gid);
  await chmod(unfinished, mode);
  await rename(unfinished, directory);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}

/** One process of each mount namespace but this one's; those that end meanwhile are left out. */
async function readNamespaces(): Promise<Namespace[]> {
  const own = await readlink('/proc/self/ns/mnt');
  const seen = new Set([own]);
  const found: Namespace[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const namespace = await readlink(join('/proc', name, 'ns/mnt'));
      if (seen.has(namespace)) continue;
      const mounts = parseMountInfo(await readFile(join('/proc', name, 'mountinfo'), 'utf8'));
      const program = (await readFile(join('/proc', name, 'comm'), 'utf8')).trim();
      seen.add(namespace);
      found.push({ pid: Number(name), program, mounts });
    } catch (thrown) {
      if (!['ENOENT', 'ESRCH', 'EINVAL'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
    }
  }
  return found;
}

async function must(program: string, args: string[], limitMs: number, signal?: AbortSignal): Promise<void> {
  const { code, stderr } = await run(program, args, limitMs, signal);
  if (code === 0) return;
  throw failure('program', `${program} ended with ${code}`, stderr.trim());
}

/** Runs a program in plain C locale to its end. Rejects where it cannot be started, or is not done in time. */
function run(
  program: string,
  args: string[],
  limitMs: number,
  signal?: AbortSignal,
): Promise<Probe & { stderr: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: limitMs,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      ...(signal ? { signal } : {}),
    };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else if (signal?.aborted) reject(signal.reason);
      else reject(failure('program', `${program} did not run to its end`, messageOf(error)));
    });
  });
}
