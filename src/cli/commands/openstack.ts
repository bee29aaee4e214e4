import { openCloud } from '../cloud.ts';
import type { GlobalOptions } from '../options.ts';

/** Runs the client in its container, which holds the administrator's credentials as a file. */
export async function run(
  options: GlobalOptions,
  [args]: (string | string[] | undefined)[],
): Promise<number> {
  const cloud = await openCloud(options, { dryRun: true });
  return cloud.engine.exec(cloud.config.name, 'client', ['openstack', ...[args ?? []].flat()], {
    environment: {
      OS_CLIENT_CONFIG_FILE: '/etc/gantry/clouds.yaml',
      OS_CLOUD: cloud.config.name,
      HOME: '/home/client',
    },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    tty: process.stdin.isTTY === true && process.stdout.isTTY === true,
  });
}
