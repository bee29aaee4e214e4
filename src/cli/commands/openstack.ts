import { entryName, type UserName } from '../../model/cloud-users.ts';
import { openCloud } from '../cloud.ts';
import type { GlobalOptions } from '../options.ts';

/** Runs the client in its container, which holds the credentials as a file. */
export async function run(
  options: GlobalOptions & { user: UserName },
  [args]: (string | string[] | undefined)[],
): Promise<number> {
  const cloud = await openCloud(options);
  return cloud.engine.exec(cloud.config.name, 'client', ['openstack', ...[args ?? []].flat()], {
    environment: {
      OS_CLIENT_CONFIG_FILE: '/etc/gantry/clouds.yaml',
      OS_CLOUD: entryName(cloud.config.name, options.user),
      HOME: '/home/client',
    },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    tty: process.stdin.isTTY === true && process.stdout.isTTY === true,
  });
}
