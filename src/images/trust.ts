import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

/** https://docs.docker.com/engine/security/certificates/ */
const DIRECTORY = '/etc/docker/certs.d';

/**
 * The authorities that this machine's Docker Engine trusts a registry by, in PEM: who pushes there and who asks what is there
 * are to agree. Undefined where it has none but the system's.
 */
export async function readTrusted(host: string, directory = DIRECTORY): Promise<string[] | undefined> {
  const own = join(directory, host);
  const names = await readdir(own).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return [];
    throw thrown;
  });
  const files = names.filter((name) => name.endsWith('.crt')).sort();
  if (files.length === 0) return undefined;
  const found = await Promise.all(files.map((name) => readFile(join(own, name), 'utf8')));
  return [...rootCertificates, ...found];
}
