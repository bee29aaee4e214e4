import type { Readable } from 'node:stream';
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
    return formatPackages(await firstFile(archive as Readable));
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

async function firstFile(archive: Readable): Promise<string> {
  const extract = tar.extract();
  archive.pipe(extract);
  for await (const entry of extract) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
  return '';
}
