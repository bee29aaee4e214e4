import { type Caller, inform } from './caller.ts';
import type { Ended } from './change.ts';
import type { Configured } from './configured.ts';
import { rotateIn, runIn } from './rotate.ts';

const manage = ['keystone-manage', '--config-file', '/etc/gantry/keystone.conf'];

/**
 * Keystone reads with every key that is there and writes with the newest. A rotation drops the oldest, so everything
 * is encrypted with the newest first; then anew, with the new one.
 */
export async function rotateCredential(configured: Configured, caller: Caller): Promise<Ended> {
  return rotateIn(configured, 'credential', caller, async (run, cloud) => {
    await run.confirm({
      kind: 'rotate',
      text: 'A new key for the credentials that Keystone stores (EC2, TOTP), and all of them encrypted with it.',
    });
    for (const command of ['credential_migrate', 'credential_rotate', 'credential_migrate']) {
      await runIn(cloud, 'keystone-rotate', [...manage, command], run.signal);
    }
    inform(run.emit, 'Credentials are encrypted with a new key.');
    return { result: 'done' };
  });
}
