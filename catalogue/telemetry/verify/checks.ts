import type { Session } from '../../../src/openstack/session.ts';
import {
  addMeasure,
  createAlarm,
  createMetric,
  getAlarm,
  readMetric,
  readServerMetric,
  removeAlarm,
  removeMetric,
} from '../../../src/openstack/telemetry.ts';
import { waitFor } from '../../../src/openstack/wait.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    measures: unknown;
    alarms: unknown;
  }
}

/** Gnocchi's own, with periods of a minute. */
const ARCHIVE_POLICY = 'medium';
const VALUE = 42;
const MEASURES_LIMIT_MS = 30_000;
const ALARM_LIMIT_MS = 150_000;
const SERVER_LIMIT_MS = 150_000;

type Waiting = ((reason: string) => void) | undefined;

export default {
  checks: [
    defineCheck({
      name: 'alarms',
      needs: ['token'],
      run: async ({ token: user }, { name, note, waiting }) => {
        const metric = await createMetric(user, ARCHIVE_POLICY);
        await addMeasure(user, metric, new Date(user.clock.now()), VALUE);
        await waitForMeasure(user, metric, waiting);
        const begun = user.clock.now();
        const alarm = await createAlarm(user, { name, metric, above: VALUE - 1 });
        await waitForAlarm(user, alarm, waiting);
        note(`raised in ${((user.clock.now() - begun) / 1000).toFixed(0)} s by a measure of the user's own`);
        await removeAlarm(user, alarm);
        await removeMetric(user, metric);
      },
    }),
    defineCheck({
      name: 'measures',
      needs: ['token', 'server ACTIVE', 'server runs'],
      run: async (
        { token: user, 'server ACTIVE': { id: server }, 'server runs': watch },
        { note, waiting },
      ) => {
        const seconds = await waitForServer(user, { server, watch, waiting });
        note(`the server has used ${seconds.toFixed(1)} s of its processor`);
      },
    }),
  ],
} satisfies ServiceChecks;

async function waitForMeasure(user: Session, metric: string, waiting: Waiting): Promise<void> {
  await waitFor({
    failure: 'the measure was not kept',
    limitMs: MEASURES_LIMIT_MS,
    everyMs: 1000,
    signal: user.signal,
    clock: user.clock,
    waiting,
    look: async () => {
      const [last] = (await readMetric(user, metric)).slice(-1);
      return last?.[2] === VALUE ? { done: undefined } : { waiting: 'the measure is not worked in' };
    },
  });
}

async function waitForAlarm(user: Session, alarm: string, waiting: Waiting): Promise<void> {
  await waitFor({
    failure: 'the alarm was not raised',
    limitMs: ALARM_LIMIT_MS,
    everyMs: 2000,
    signal: user.signal,
    clock: user.clock,
    waiting,
    look: async () => {
      const { state, state_reason: reason = '' } = await getAlarm(user, alarm);
      return state === 'alarm' ? { done: undefined } : { waiting: `its state is ${state}. ${reason}` };
    },
  });
}

/** Resolves to the seconds of processor time that were measured last. */
async function waitForServer(
  user: Session,
  { server, watch, waiting }: { server: string; watch: () => Promise<void>; waiting: Waiting },
): Promise<number> {
  return waitFor({
    failure: 'the server was not measured',
    limitMs: SERVER_LIMIT_MS,
    everyMs: 2000,
    signal: user.signal,
    clock: user.clock,
    watch,
    waiting,
    look: async (): Promise<{ done: number } | { waiting: string }> => {
      const [last] = (await readServerMetric(user, server, 'cpu'))?.slice(-1) ?? [];
      // Nanoseconds.
      return last ? { done: last[2] / 1e9 } : { waiting: 'nothing of it is measured yet' };
    },
  });
}
