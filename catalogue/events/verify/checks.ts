import { securityGroups } from '../../../src/openstack/network.ts';
import { waitFor } from '../../../src/openstack/wait.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { PROCESS, READ } from '../names.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    events: unknown;
  }
}

const LIMIT_MS = 30_000;
const ANSWER_LIMIT_MS = 10_000;

export default {
  checks: [
    defineCheck({
      name: 'events',
      needs: ['token'],
      run: async ({ token: user }, { name, ask, note, waiting }) => {
        const begun = user.clock.now();
        const command = [...READ, '--since', String(Math.floor(begun / 1000))];
        const { id } = await securityGroups.create(user, { name: `${name}-events` });
        await securityGroups.remove(user, id);
        await waitFor({
          failure: 'nobody was told of a security group',
          limitMs: LIMIT_MS,
          everyMs: 500,
          signal: user.signal,
          clock: user.clock,
          waiting,
          look: async () =>
            ((await ask(PROCESS, command, ANSWER_LIMIT_MS)) ?? '').includes(id)
              ? { done: undefined }
              : { waiting: `${PROCESS} has not heard of it` },
        });
        note(`heard of a change after ${((user.clock.now() - begun) / 1000).toFixed(1)} s`);
      },
    }),
  ],
} satisfies ServiceChecks;
