import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GantryError, messageOf } from '../errors.ts';

/** Who asks a registry, as the Engine API takes it. */
export type Account = { username: string; password: string } | { identitytoken: string };

/**
 * The account that `docker login` has stored for a registry such as registry.example.org:5000/cloud, or undefined
 * where there is none. Accounts that a credential helper keeps are not read.
 * Throws `docker.invalid-config` for a file that is no JSON.
 */
export async function readAccount(
  environment: NodeJS.ProcessEnv,
  registry: string,
): Promise<Account | undefined> {
  const directory = environment.DOCKER_CONFIG || join(environment.HOME ?? homedir(), '.docker');
  const file = join(directory, 'config.json');
  try {
    return accountIn(await readFile(file, 'utf8'), registry);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GantryError({
      code: 'docker.invalid-config',
      whose: 'user',
      message: `${file} cannot be read`,
      why: messageOf(thrown),
      next: 'Repair or remove the file; `docker login` writes it.',
    });
  }
}

/** Keys of `auths` are hosts, in old files also URLs; `auth` is user and password in base64. */
export function accountIn(config: string, registry: string): Account | undefined {
  const { auths = {} } = JSON.parse(config) as { auths?: Record<string, StoredAccount> };
  const host = registry.split('/')[0];
  const stored = Object.entries(auths).find(
    ([key]) => key.replace(/^https?:\/\//, '').split('/')[0] === host,
  )?.[1];
  if (stored?.identitytoken) return { identitytoken: stored.identitytoken };
  if (!stored?.auth) return undefined;
  const [username = '', ...password] = Buffer.from(stored.auth, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':') };
}

interface StoredAccount {
  auth?: string;
  identitytoken?: string;
}
