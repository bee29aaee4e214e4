import { waitFor } from '../../../src/openstack/wait.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';
import { PROCESS, query, type Sample } from '../names.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    metrics: unknown;
  }
}

/** All are asked every 15 s. */
const LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 10_000;

export default {
  checks: [
    defineCheck({
      name: 'metrics',
      run: async (_given, { admin, ask, note, waiting }) => {
        const answered = await waitFor({
          failure: 'not all that is asked for metrics answers',
          limitMs: LIMIT_MS,
          everyMs: 2000,
          signal: admin.signal,
          clock: admin.clock,
          waiting,
          look: async () => {
            const answer = await ask(PROCESS, query('up{cloud!=""}'), ANSWER_LIMIT_MS);
            const samples = JSON.parse(answer ?? '[]') as Sample[];
            const silent = samples.filter(({ value: [, up] }) => up !== '1');
            if (samples.length === 0) return { waiting: `${PROCESS} has asked nobody yet` };
            if (silent.length === 0) return { done: samples.length };
            const names = silent.map(({ metric }) => `${metric.job} at ${metric.instance}`);
            return { waiting: `${names.join(', ')} did not answer` };
          },
        });
        note(`${answered} that are asked answer`);
      },
    }),
  ],
} satisfies ServiceChecks;
