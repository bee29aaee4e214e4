import { GantryError } from '../../../src/errors.ts';
import { createStack, removeStack, waitForStack } from '../../../src/openstack/orchestration.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    stacks: unknown;
  }
}

const LIMIT_MS = 60_000;
const LENGTH = 24;

/** https://docs.openstack.org/heat/latest/template_guide/openstack.html#OS::Heat::RandomString */
const template = {
  heat_template_version: '2018-08-31',
  resources: { word: { type: 'OS::Heat::RandomString', properties: { length: LENGTH } } },
  outputs: { word: { value: { get_attr: ['word', 'value'] } } },
};

export default {
  checks: [
    defineCheck({
      name: 'stacks',
      needs: ['token'],
      run: async ({ token: user }, { name, note, waiting }) => {
        const begun = user.clock.now();
        const path = await createStack(user, { name, template });
        const { outputs } = await waitForStack(user, path, { limitMs: LIMIT_MS, waiting });
        const seconds = (user.clock.now() - begun) / 1000;
        const word = outputs?.[0]?.output_value;
        if (typeof word !== 'string' || word.length !== LENGTH) {
          throw new GantryError({
            code: 'verify.stacks',
            whose: 'environment',
            message: `the stack has made no word of ${LENGTH} letters`,
            next: 'Look at "gantry logs heat-engine".',
          });
        }
        await removeStack(user, path, { limitMs: LIMIT_MS, waiting });
        note(`made in ${seconds.toFixed(1)} s, its output read, removed`);
      },
    }),
  ],
} satisfies ServiceChecks;
