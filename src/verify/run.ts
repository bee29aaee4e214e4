import { messageOf } from '../errors.ts';
import { type Activity, Flow } from '../openstack/flow.ts';
import type { Session } from '../openstack/session.ts';
import type { Emit } from '../run/events.ts';
import { timeLimit } from '../time-limit.ts';
import type { Check, CheckContext, CheckName, CheckResults } from './check.ts';
import { removeRuns } from './cleanup.ts';
import { isLeftOver, nameOf, type VerifyOptions, type VerifyResult } from './options.ts';
import { orderChecks } from './order.ts';

const CLEANUP_LIMIT_MS = 180_000;

/**
 * Uses the cloud as a user does, in a project made for it, and removes everything again, also after failures and
 * when the signal of the session is aborted; `keepFailed` leaves what a failed check used. Throws only where no
 * administrator can log in, or the signal's reason.
 */
export async function runVerify(options: VerifyOptions, emit: Emit): Promise<VerifyResult> {
  const checksToRun = orderChecks(options.services, options.wanted);
  const admin = await options.open();
  try {
    const begun = admin.clock.now();
    const name = nameOf(options.id, begun);
    await removeRuns(admin, options, (other) => isLeftOver(other, begun));
    const { flow, explain } = startChecks(admin, name, checksToRun, options, emit);
    const checks = await flow.finish();
    const ok = checks.every((check) => check.result !== 'failed');
    const explained = ok || admin.signal.aborted ? undefined : await explain();
    const ladder = explained === undefined ? {} : { ladder: explained };
    if (options.keepFailed && !ok && !admin.signal.aborted)
      return { checks, ok, ...ladder, leftBehind: [], kept: name };
    // Its own signal: an interruption must not leave anything behind.
    const cleaner = admin.withSignal(timeLimit(options.cleanupLimitMs ?? CLEANUP_LIMIT_MS));
    const leftBehind = await removeRuns(cleaner, options, (other) => other === name).catch((error) => [
      messageOf(error),
    ]);
    admin.signal.throwIfAborted();
    return { checks, ok, ...ladder, leftBehind };
  } finally {
    await admin.close();
  }
}

/** Starts every check once what it needs is there. `explain` says why what came of them does not work. */
function startChecks(
  admin: Session,
  name: string,
  checks: readonly Check[],
  options: VerifyOptions,
  emit: Emit,
): { flow: Flow; explain(): Promise<string | undefined> } {
  const flow = new Flow(admin.clock, admin.signal, emit);
  const started = new Map<CheckName, Activity<unknown>>();
  const explanations: (() => Promise<string | undefined>)[] = [];
  for (const check of checks) {
    const needs = Object.fromEntries([...started].filter(([need]) => check.needs.includes(need)));
    const activity = flow.start(check.name, needs, (given, said) => {
      const context: CheckContext = { ...options, ...said, admin, name };
      return check.run(given as unknown as CheckResults, context);
    });
    started.set(check.name, activity);
    const { explain } = check;
    if (explain) {
      explanations.push(() =>
        activity.value.then(
          (made) => explain(made, options),
          () => undefined,
        ),
      );
    }
  }
  return {
    flow,
    explain: async () => {
      const texts = await Promise.all(explanations.map((explain) => explain()));
      return texts.filter((text) => text !== undefined).join('\n') || undefined;
    },
  };
}
