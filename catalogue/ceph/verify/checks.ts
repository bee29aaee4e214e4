import { GantryError } from '../../../src/errors.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
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
        const told = JSON.parse(answer ?? '{"failed": "nobody answered in time"}') as
          | { bytes: number }
          | { failed: string };
        if ('failed' in told) {
          throw new GantryError({
            code: 'verify.block-pool',
            whose: 'environment',
            message: 'a pool of block devices does not give what was written to it',
            why: told.failed,
            next: 'Look at `gantry status` and `gantry exec ceph-mon -- ceph health detail`.',
          });
        }
        note(`${told.bytes / 2 ** 20} MiB in each, the same bytes`);
      },
    }),
  ],
} satisfies ServiceChecks;
