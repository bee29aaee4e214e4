import { GantryError } from '../../../src/errors.ts';
import { securityGroups } from '../../../src/openstack/network.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { DATA, PROCESS } from '../names.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    events: unknown;
  }
}

const LIMIT_MS = 30_000;
const LOOK_EACH_MS = 500;
const ANSWER_LIMIT_MS = 10_000;

export default {
  checks: [
    defineCheck({
      name: 'events',
      needs: ['token'],
      run: async ({ token: user }, { name, ask, note, waiting }) => {
        const begun = user.clock.now();
        const command = ['read-events', DATA, '--since', String(Math.floor(begun / 1000))];
        const { id } = await securityGroups.create(user, { name: `${name}-events` });
        await securityGroups.remove(user, id);
        const isTold = async () => ((await ask(PROCESS, command, ANSWER_LIMIT_MS)) ?? '').includes(id);
        waiting(`${PROCESS} to hear of a security group`);
        while (!(await isTold())) {
          if (user.clock.now() - begun > LIMIT_MS) throw untold();
          await user.clock.sleep(LOOK_EACH_MS, user.signal);
        }
        note(`heard of a change after ${((user.clock.now() - begun) / 1000).toFixed(1)} s`);
      },
    }),
  ],
} satisfies ServiceChecks;

function untold(): GantryError {
  return new GantryError({
    code: 'verify.events',
    whose: 'environment',
    message: `nobody was told of a security group within ${LIMIT_MS / 1000} s`,
    next: `Look at "gantry logs ${PROCESS}" and "gantry logs neutron-api".`,
  });
}
