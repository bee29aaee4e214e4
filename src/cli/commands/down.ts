import { rm } from 'node:fs/promises';
import { openCloud } from '../../cloud/cloud.ts';
import { ExitCode, GantryError } from '../../errors.ts';
import { acquireLock } from '../../run/lock.ts';
import { applyPlan } from '../apply.ts';
import { ask } from '../ask.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';

/** With --volumes, the flag itself is the consent for scripts only together with --yes. */
export async function run(options: GlobalOptions & { volumes?: boolean; yes?: boolean }): Promise<number> {
  const cloud = await openCloud(options);
  const volumes = options.volumes === true;
  if (volumes && !options.yes) await askToDestroy(cloud.config.name);
  const signal = interruptSignal();
  const lock = await acquireLock(cloud.stateDirectory, { command: 'gantry down' });
  try {
    const plan = await cloud.engine.planDown(cloud.desired, { volumes });
    if (plan.steps.length === 0)
      process.stderr.write(`The cloud ${cloud.config.name} is not there; nothing to do.\n`);
    else {
      const title = `Taking down the cloud ${cloud.config.name}${volumes ? ' and its data' : '; data stays'}`;
      const code = await applyPlan(cloud, plan, { ...options, title, signal });
      if (code !== ExitCode.done) return code;
    }
    if (volumes) await rm(cloud.stateDirectory, { recursive: true, force: true });
    return ExitCode.done;
  } finally {
    await lock.release();
  }
}

async function askToDestroy(name: string): Promise<void> {
  const question = `This removes all servers, images, networks and secrets of the cloud ${name}. Type its name to go on: `;
  if ((await ask(question)) === name) return;
  throw new GantryError({
    code: 'down.not-confirmed',
    whose: 'user',
    message: `all data and secrets of the cloud ${name} would be removed, and that was not confirmed`,
    next: 'add --yes to confirm; without --volumes the data stays',
    exitCode: ExitCode.usage,
  });
}
