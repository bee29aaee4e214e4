import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { isMissing } from './engine-stream.ts';

/** Where install-packages of the base image keeps `package source version` lines. */
const record = '/usr/share/gantry/packages';

/** The packages that an image and its parents asked for, as the value of a label. */
export async function readPackages(docker: Docker, image: string): Promise<string> {
  const container = await docker.createContainer({ Image: image, Cmd: ['true'] });
  try {
    const archive = await container.getArchive({ path: record });
    return formatPackages(await contentOf(archive as Readable));
  } catch (thrown) {
    if (isMissing(thrown)) return '';
    throw thrown;
  } finally {
    await container.remove();
  }
}

/** `haproxy haproxy 3.0.11` becomes `haproxy=3.0.11`; with a source of another name `package:source=version`. */
export function formatPackages(lines: string): string {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name, source, version] = line.split(' ');
      return name === source ? `${name}=${version}` : `${name}:${source}=${version}`;
    })
    .sort()
    .join(',');
}

async function contentOf(archive: Readable): Promise<string> {
  const extract = tar.extract();
  const chunks: Buffer[] = [];
  extract.on('entry', (_, entry, next) => {
    entry.on('data', (chunk) => chunks.push(chunk as Buffer)).on('end', next);
  });
  // Fails, where a pipe would wait for ever, when the connection closes early.
  await pipeline(archive, extract as unknown as NodeJS.WritableStream);
  return Buffer.concat(chunks).toString('utf8');
}
