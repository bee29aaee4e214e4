import {
  extendVolume,
  removeAndWait,
  volumeSnapshots,
  volumes,
  waitUntilAvailable,
} from '../../../src/openstack/block-storage.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    volumes: unknown;
  }
}

export default {
  checks: [
    defineCheck({
      name: 'volumes',
      needs: ['token'],
      run: async ({ token: user }, { name, note, waiting }) => {
        const begun = user.clock.now();
        const volume = await volumes.create(user, { name, size: 1 });
        await waitUntilAvailable(user, 'volume', volume.id, { waiting });
        const seconds = (user.clock.now() - begun) / 1000;
        await extendVolume(user, volume.id, 2, { waiting });
        const snapshot = await volumeSnapshots.create(user, { name, volume_id: volume.id });
        await waitUntilAvailable(user, 'snapshot', snapshot.id, { waiting });
        await removeAndWait(user, 'snapshot', snapshot.id, { waiting });
        await removeAndWait(user, 'volume', volume.id, { waiting });
        note(`made in ${seconds.toFixed(1)} s, made larger, its snapshot taken, both removed`);
      },
    }),
  ],
} satisfies ServiceChecks;
