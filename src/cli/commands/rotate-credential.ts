import { ExitCode } from '../../errors.ts';
import { confirm, type RotateOptions, runIn, withRunningCloud } from '../rotate.ts';

const manage = ['keystone-manage', '--config-file', '/etc/gantry/keystone.conf'];

/**
 * Keystone reads with every key that is there and writes with the newest. A rotation drops the oldest, so everything
 * is encrypted with the newest first; then anew, with the new one.
 */
export async function run(options: RotateOptions): Promise<number> {
  return withRunningCloud(options, 'credential', async (cloud, signal) => {
    await confirm(
      'A new key for the credentials that Keystone stores (EC2, TOTP), and all of them encrypted with it.',
      options,
    );
    for (const command of ['credential_migrate', 'credential_rotate', 'credential_migrate']) {
      await runIn(cloud, 'keystone-rotate', [...manage, command], signal);
    }
    process.stderr.write('Credentials are encrypted with a new key.\n');
    return ExitCode.done;
  });
}
