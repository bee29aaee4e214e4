import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadConfigured } from '../../cloud/configured.ts';
import { readRegistryLogin } from '../../cloud/registry.ts';
import { ExitCode, GantryError } from '../../errors.ts';
import type { Command } from '../command.ts';

/** The password goes to the client by its standard input: no list of processes shows it. */
export const run: Command<'registry login'> = async (options, _arguments, terminal) => {
  const { address, user, password } = await readRegistryLogin(await loadConfigured(options), terminal);
  const child = spawn(options.client, ['login', '--username', user, '--password-stdin', address], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  // A client that ends early has said why.
  child.stdin.on('error', () => {});
  child.stdin.end(password);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code === 0 ? ExitCode.done : ExitCode.failed;
  } catch (thrown) {
    throw new GantryError({
      code: 'registry.no-client',
      whose: 'user',
      message: `${options.client} could not be started`,
      why: thrown instanceof Error ? thrown.message : String(thrown),
      next: 'install it, or name another client with --client, such as podman or skopeo',
    });
  }
};
