import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { bytesTold } from '../../common/verify/told.ts';
import { poolClients, pools } from '../config.ts';
import { MONITOR } from '../names.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    'block pools': unknown;
  }
}

const LIMIT_MS = 60_000;

export default {
  checks: [
    defineCheck({
      name: 'block pools',
      needs: ['token'],
      run: async (_given, { ask, name, note }) => {
        const uses = Object.keys(pools) as (keyof typeof pools)[];
        const command = ['check-pools', name, ...uses.map((use) => `${poolClients[use].name}:${pools[use]}`)];
        const answer = await ask(MONITOR, command, LIMIT_MS);
        const bytes = bytesTold(answer, {
          code: 'verify.block-pool',
          message: 'a pool of block devices does not give what was written to it',
        });
        note(`${bytes / 2 ** 20} MiB in each, the same bytes`);
      },
    }),
  ],
} satisfies ServiceChecks;
