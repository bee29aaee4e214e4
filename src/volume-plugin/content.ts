import type { FileHandle } from 'node:fs/promises';
import { type Filesystem, filesystems } from './options.ts';

/** What is on a device. Only what is proven to be empty may be formatted. */
export type Content =
  | { kind: 'empty' }
  | { kind: 'filesystem'; type: Filesystem; uuid: string | undefined }
  | { kind: 'other'; found: string };

const MIB = 2 ** 20;

/** What a finished `blkid -p -o export DEVICE` left. */
export interface Probe {
  code: number;
  stdout: string;
}

/**
 * What blkid(8) says by its exit code, as EXIT STATUS there has it: 2 where it knows nothing of what is there, 0 where it
 * does, 8 where it knows too much. A partition table has no TYPE, so that what is printed alone proves nothing.
 */
export function readProbe({ code, stdout }: Probe): Content | 'unknown' {
  if (code === 2) return 'unknown';
  const values = new Map(
    stdout.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
  if (code !== 0) {
    return { kind: 'other', found: code === 8 ? 'several signatures' : `what blkid ends with ${code} at` };
  }
  const type = values.get('TYPE');
  const table = values.get('PTTYPE');
  const known = filesystems.find((one) => one === type);
  if (known && table === undefined && values.get('USAGE') === 'filesystem') {
    return { kind: 'filesystem', type: known, uuid: values.get('UUID') };
  }
  if (type !== undefined) return { kind: 'other', found: names[type] ?? type };
  return { kind: 'other', found: table === undefined ? 'a signature' : `a partition table (${table})` };
}

/** How users know what blkid has words of its own for. */
const names: Record<string, string> = {
  bcache: 'a device of bcache',
  crypto_LUKS: 'an encrypted device (LUKS)',
  linux_raid_member: 'a device of a RAID',
  LVM2_member: 'a physical volume of LVM',
  swap: 'swap',
  zfs_member: 'a device of ZFS',
};

/**
 * Where the first or the last MiB has a byte that is not zero: data that no signature tells of.
 * @param size of the device in bytes
 */
export async function findBytes(
  device: Pick<FileHandle, 'read'>,
  size: number,
): Promise<'first' | 'last' | undefined> {
  const length = Math.min(MIB, size);
  if (!(await isZero(device, 0, length))) return 'first';
  return (await isZero(device, size - length, length)) ? undefined : 'last';
}

async function isZero(device: Pick<FileHandle, 'read'>, start: number, length: number): Promise<boolean> {
  const bytes = Buffer.alloc(length, 1);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await device.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw new Error(`the device ends at byte ${start + done}`);
    done += bytesRead;
  }
  return bytes.equals(Buffer.alloc(length));
}

/** What a device has on it, from both. */
export async function contentOf(
  probe: Probe,
  device: Pick<FileHandle, 'read'>,
  size: number,
): Promise<Content> {
  const read = readProbe(probe);
  if (read !== 'unknown') return read;
  const end = await findBytes(device, size);
  return end === undefined ? { kind: 'empty' } : { kind: 'other', found: `data in its ${end} MiB` };
}
