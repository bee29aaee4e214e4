import { GantryError } from '../../../src/errors.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { FILE_SYSTEM, PROCESS } from '../names.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    'file system': unknown;
  }
}

const LIMIT_MS = 60_000;

export default {
  checks: [
    defineCheck({
      name: 'file system',
      needs: ['token'],
      run: async (_given, { ask, name, note }) => {
        const answer = await ask(PROCESS, ['timeout', '55', 'check-files', name, FILE_SYSTEM], LIMIT_MS);
        const told = JSON.parse(answer || '{"failed": "nobody answered in time"}') as
          | { bytes: number }
          | { failed: string };
        if ('failed' in told) {
          throw new GantryError({
            code: 'verify.file-system',
            whose: 'environment',
            message: 'a subvolume of the file system does not do what it was asked',
            why: told.failed,
            next: 'Look at `gantry status` and `gantry exec ceph-mon -- ceph health detail`.',
          });
        }
        note(`${told.bytes / 2 ** 20} MiB, the same bytes, and no more than the quota`);
      },
    }),
  ],
} satisfies ServiceChecks;
