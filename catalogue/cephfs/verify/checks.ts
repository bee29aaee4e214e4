import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { bytesTold } from '../../common/verify/told.ts';
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
        const bytes = bytesTold(answer, {
          code: 'verify.file-system',
          message: 'a subvolume of the file system does not do what it was asked',
        });
        note(`${bytes / 2 ** 20} MiB, the same bytes, and no more than the quota`);
      },
    }),
  ],
} satisfies ServiceChecks;
