import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { findImage } from '../images/graph.ts';
import type { ImageSource } from '../openstack/image-upload.ts';
import type { Cloud } from './cloud.ts';

/** What the guest image says about the disk that it holds. */
interface GuestDescription {
  name: string;
  file: string;
  disk_format: 'qcow2' | 'raw';
  sha256: string;
  min_ram: number;
}

/** The tiny guest's disk, copied once out of the container image that holds it. */
export async function guestSource(cloud: Cloud): Promise<ImageSource> {
  const image = findImage(cloud.graph, 'guest');
  const directory = join(cloud.stateDirectory, 'guests', image.hash);
  const descriptionFile = join(directory, 'guest.json');
  if (!existsSync(descriptionFile)) await copyOut(cloud, image.reference, directory);
  const description = JSON.parse(await readFile(descriptionFile, 'utf8')) as GuestDescription;
  const disk = join(directory, description.file);
  return {
    name: description.name,
    format: description.disk_format,
    checksum: `sha256:${description.sha256}`,
    sizeBytes: (await stat(disk)).size,
    open: () => createReadStream(disk),
    minDiskGib: 0,
    minRamMib: description.min_ram,
    properties: { os_distro: 'debian', hw_rng_model: 'virtio' },
    visibility: 'public',
  };
}

async function copyOut(cloud: Cloud, reference: string, directory: string): Promise<void> {
  const { docker } = await cloud.docker();
  const container = await docker.createContainer({ Image: reference });
  await mkdir(dirname(directory), { recursive: true });
  // Several commands may be at it at the same time.
  const half = await mkdtemp(`${directory}.part-`);
  try {
    const unpack = extract();
    unpack.on('entry', (header, stream, next) => {
      if (header.type !== 'file') {
        stream.resume();
        next();
        return;
      }
      const name = header.name.split('/').at(-1) ?? header.name;
      pipeline(stream, createWriteStream(join(half, name))).then(() => next(), next);
    });
    await pipeline(await container.getArchive({ path: '/guest' }), unpack);
    await rename(half, directory).catch((error) => {
      // Another one was faster, with the same.
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
    await container.remove({ force: true, v: true });
  }
}
