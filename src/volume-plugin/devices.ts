import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from './problem.ts';

/** A disk of this server. */
export interface Disk {
  /** Such as vdb. */
  name: string;
  /** Bytes. */
  size: number;
  /** `major:minor`. */
  number: string;
}

/** A virtio disk has room for so much of a serial (VIRTIO_BLK_ID_BYTES of linux/virtio_blk.h). */
const SERIAL_LENGTH = 20;
/** The kernel counts sizes in these, whatever the disk does (Documentation/ABI/stable/sysfs-block). */
const SECTOR = 512;

/**
 * The disk whose serial is the volume's id, as Nova has it. By what the kernel itself says: udev's links come late or not
 * at all, and of two disks with one serial they show one. Resolves to undefined where there is none; throws
 * `volume.ambiguous-disk` where there are several.
 * @param blocks /sys/block
 */
export async function findDisk(blocks: string, volume: string): Promise<Disk | undefined> {
  const found: Disk[] = [];
  for (const name of await readdir(blocks)) {
    const serial = await readValue(join(blocks, name, 'serial'));
    if (serial !== volume.slice(0, SERIAL_LENGTH)) continue;
    const sectors = await readValue(join(blocks, name, 'size'));
    const number = await readValue(join(blocks, name, 'dev'));
    if (sectors !== undefined && number !== undefined)
      found.push({ name, size: Number(sectors) * SECTOR, number });
  }
  if (found.length <= 1) return found[0];
  const names = found.map(({ name }) => name).join(' and ');
  throw failure(
    'ambiguous-disk',
    `the disks ${names} have the same serial ${volume.slice(0, SERIAL_LENGTH)}`,
  );
}

/** Undefined where there is no such file, or no longer. */
async function readValue(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (thrown) {
    if (['ENOENT', 'ENODEV', 'ENXIO'].includes((thrown as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw thrown;
  }
}
