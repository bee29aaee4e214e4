import { openRunningCloud } from '../../cloud/cloud.ts';
import { openPublicSession } from '../../cloud/session.ts';
import { ExitCode } from '../../errors.ts';
import { administrator } from '../../model/cloud-users.ts';
import { acquireLock } from '../../run/lock.ts';
import { requireImage } from '../images.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(options: GlobalOptions & { remove?: boolean }): Promise<number> {
  const signal = interruptSignal();
  const cloud = await openRunningCloud(options, ['guest']);
  const lock = await acquireLock(cloud.stateDirectory, { command: 'gantry demo' });
  try {
    cloud.keep();
    if (options.remove) {
      const { removeDemo } = await import('../../demo/remove.ts');
      const session = await openPublicSession(cloud, administrator, signal);
      const removed = await removeDemo(session, {
        shared: false,
        imageName: 'gantry-guest',
        externalName: 'external',
      });
      process.stderr.write(
        removed.length > 0
          ? `Removed: ${removed.join(', ')}. The image, the flavors and the external network stay.\n`
          : 'There is no demo to remove.\n',
      );
      return ExitCode.done;
    }
    await requireImage(cloud, 'guest', options, signal);
    const { showDemo } = await import('../demo.ts');
    return await showDemo(cloud, options, signal);
  } finally {
    await lock.release();
  }
}
