/**
 * Ten servers of a large image at once, in the cloud that is up on this machine's Docker Engine: until all are ACTIVE, and what
 * is written to the disk of the engine's data until then. Where image and servers' disks are, its cloud.yaml says.
 */
import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createDockerClient } from '../../engines/docker/client.ts';
import { flavors, removeServers, servers, waitUntilActive } from '../../src/openstack/compute.ts';
import { createImage, defaultStore, removeImage, uploadImage } from '../../src/openstack/image.ts';
import { logIn } from './up-cloud.ts';

const NAME = 'gantry-bench';
const SERVERS = 10;
const GIB = 2 ** 30;
const IMAGE_BYTES = 2 * GIB;
const CHUNK_BYTES = 4 * 2 ** 20;
/** proc(5): of sectors, whatever the disk's are. */
const SECTOR_BYTES = 512;

export async function benchBoots(gantry: string, print: (line: string) => void): Promise<void> {
  const session = await logIn(gantry, 'admin');
  const undo: (() => Promise<unknown>)[] = [() => session.close()];
  try {
    const store = (await defaultStore(session)) ?? 'one';
    const image = await createImage(session, {
      name: NAME,
      container_format: 'bare',
      disk_format: 'raw',
      min_disk: IMAGE_BYTES / GIB,
    });
    undo.push(() => removeImage(session, image.id));
    const sent = await timed(() => uploadImage(session, image.id, noise(), IMAGE_BYTES));
    const flavor = await flavors.create(session, { name: NAME, vcpus: 1, ram: 64, disk: IMAGE_BYTES / GIB });
    undo.push(() => flavors.remove(session, flavor.id));
    const made: string[] = [];
    undo.push(() => removeServers(session, made));
    const before = await writtenBytes();
    const booted = await timed(async () => {
      await Promise.all(
        Array.from({ length: SERVERS }, async (_, index) => {
          const server = await servers.create(session, {
            name: `${NAME}-${index}`,
            imageRef: image.id,
            flavorRef: flavor.id,
            networks: 'none',
          });
          made.push(server.id);
          await waitUntilActive(session, server.id);
        }),
      );
    });
    const written = ((await writtenBytes()) - before) / 2 ** 20;
    print('| Image of 2 GiB in the store | Sent | Ten servers of it, until all are ACTIVE | Written |');
    print('|---|---|---|---|');
    print(`| ${store} | ${sent.toFixed(1)} s | ${booted.toFixed(1)} s | ${written.toFixed(0)} MiB |`);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** What nothing makes smaller, and nobody takes for zeros. */
async function* noise(): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < IMAGE_BYTES; sent += CHUNK_BYTES) yield randomFillSync(Buffer.alloc(CHUNK_BYTES));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Of the disk with the engine's data, since this machine started, with what was still to be written. */
async function writtenBytes(): Promise<number> {
  const { docker } = await createDockerClient(process.env);
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir: string };
  await promisify(execFile)('sync');
  const { dev } = await stat(DockerRootDir);
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  const fields = (await readFile(`/sys/dev/block/${major}:${minor}/stat`, 'utf8')).trim().split(/\s+/);
  return Number(fields[6]) * SECTOR_BYTES;
}
