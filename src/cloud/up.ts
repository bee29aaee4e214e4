import type { Desired } from '../model/desired.ts';
import { applyPlan } from './apply.ts';
import { type Caller, inform, warn } from './caller.ts';
import { change, type Ended, type Run } from './change.ts';
import { type Cloud, refuseWithoutSecrets } from './cloud.ts';
import type { Configured } from './configured.ts';
import { type ShownDemo, showDemo } from './demo.ts';
import { warnOfUnattached } from './external-network.ts';
import { foretell } from './forecast.ts';
import { provideGuests } from './guests.ts';
import { checkMachine, installDocker, refuseUnfit } from './machine.ts';
import { describeStopped, lookAtServers } from './servers.ts';

export interface UpOptions {
  /** As users know it; `gantry up` where it is left out. */
  command?: string;
  /** Then make the demo. */
  demo?: boolean;
  /** Install Docker Engine first where there is none. */
  installEngine?: boolean;
  skipPreflight?: boolean;
  /** On Kubernetes, take over fields that others claim. */
  forceConflicts?: boolean;
}

export interface UpResult extends Ended {
  /** How many steps there were to do. */
  steps: number;
  demo?: ShownDemo;
}

/** Brings the cloud up, or to what cloud.yaml says now. */
export async function bringUp(configured: Configured, options: UpOptions, caller: Caller): Promise<UpResult> {
  const { command = 'gantry up', demo, installEngine } = options;
  return change(configured, { command }, caller, async (run) => {
    const { emit, signal } = run;
    if (installEngine) {
      await installDocker(configured.config, { signal, say: (text) => inform(emit, text) });
    }
    const cloud = await run.open({ extraImages: demo ? ['guest'] : [] });
    const ended = await converge(cloud, options, run);
    if (ended.result !== 'done') return ended;
    await provideGuests(cloud, run);
    if (!demo) return ended;
    // The checks before the start tell of it too.
    if (options.skipPreflight) warnOfUnattached(cloud, emit);
    return { ...ended, demo: await showDemo(cloud, run) };
  });
}

async function converge(cloud: Cloud, options: UpOptions, run: Run): Promise<UpResult> {
  const { name } = cloud.config;
  const looking = Promise.all([
    cloud.engine.plan(cloud.desired, { force: options.forceConflicts === true }),
    lookAtServers(cloud),
  ]);
  // What stands in its way is among the findings of the checks, which are told first.
  looking.catch(() => undefined);
  if (!options.skipPreflight) refuseUnfit(cloud, await checkMachine(cloud));
  await refuseWithoutSecrets(cloud);
  const [first, hypervisors] = await looking;
  const plan = await foretell(cloud, first);
  // What was made of its secrets is kept once it is sure that the cloud can be brought up.
  cloud.keep();
  if (plan.steps.length === 0) {
    inform(run.emit, `The cloud ${name} is up; nothing to do.`);
    for (const line of describeStopped(hypervisors)) warn(run.emit, line);
    return { result: 'done', steps: 0 };
  }
  const { result } = await applyPlan(cloud, plan, `Bringing up the cloud ${name}`, run);
  if (result === 'done') inform(run.emit, `The cloud ${name} is up${whereToGo(cloud.desired)}`);
  return { result, steps: plan.steps.length };
}

/** Where clients log in, and browsers. */
function whereToGo({ identity, dashboard }: Desired): string {
  const login = identity ? `: ${identity.publicUrl}` : '.';
  return dashboard ? `${login}, dashboard ${dashboard}` : login;
}
