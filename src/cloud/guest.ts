import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { GantryError } from '../errors.ts';
import { findImage } from '../images/graph.ts';
import { Flow } from '../openstack/flow.ts';
import { ensureImage, type ImageSource } from '../openstack/image-upload.ts';
import { type Caller, inform } from './caller.ts';
import { changeRunning, type Ended } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { requireImage } from './images.ts';
import { openAdministration } from './session.ts';

/** What an image says about the disk of a server that it holds. */
interface GuestDescription {
  name: string;
  file: string;
  disk_format: 'qcow2' | 'raw';
  sha256: string;
  /** GiB. */
  min_disk: number;
  /** MiB. */
  min_ram: number;
}

/** A disk that an image of the catalogue holds, the tiny guest's unless another is named; copied once out of it. */
export async function guestSource(cloud: Cloud, name = 'guest'): Promise<ImageSource> {
  const image = findImage(cloud.graph, name);
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
    minDiskGib: description.min_disk,
    minRamMib: description.min_ram,
    properties: { os_distro: 'debian', hw_rng_model: 'virtio' },
    visibility: 'public',
  };
}

/**
 * Has Glance keep the disk that an image of the catalogue holds, for everyone in the cloud; builds that image where it is
 * not there. Resolves to its id in Glance. Throws `image.no-disk` where the image holds none.
 */
export async function publishGuest(
  configured: Configured,
  name: string,
  caller: Caller,
): Promise<Ended & { id: string }> {
  const request = { command: 'gantry images publish', extraImages: [name] };
  return changeRunning(configured, request, caller, async (run, cloud) => {
    const { disk } = findImage(cloud.graph, name);
    if (!disk) {
      const having = cloud.graph.images.filter((one) => one.disk).map((one) => one.name);
      throw new GantryError({
        code: 'image.no-disk',
        whose: 'user',
        message: `the image ${name} is none for servers`,
        next: `Those are ${having.join(', ')}.`,
      });
    }
    await requireImage(cloud, name, run);
    const source = await guestSource(cloud, name);
    const session = await openAdministration(cloud, run.signal, (text) => inform(run.emit, text));
    const flow = new Flow(session.clock, session.signal, run.emit);
    let id = '';
    flow.start(`image ${source.name}`, {}, async (_, context) => {
      const { image, change } = await ensureImage(session, source, context.progress);
      id = image.id;
      context.note(change);
    });
    const results = await flow.finish().finally(() => session.close());
    const failed = results.find((result) => result.error);
    if (failed?.error) throw failed.error;
    return { result: 'done', id };
  });
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
