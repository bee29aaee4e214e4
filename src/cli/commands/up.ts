import {
  type Cloud,
  identityUrl,
  loadConfigured,
  openCloud,
  refuseWithoutSecrets,
} from '../../cloud/cloud.ts';
import { checkMachine, installDocker, refuseUnfit } from '../../cloud/machine.ts';
import { describeStopped, lookAtServers } from '../../cloud/servers.ts';
import { ExitCode } from '../../errors.ts';
import { acquireLock } from '../../run/lock.ts';
import { applyPlan } from '../apply.ts';
import { interruptSignal } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';
import { printWarnings } from '../report.ts';

interface UpOptions extends GlobalOptions {
  demo?: boolean;
  installEngine?: boolean;
  dryRun?: boolean;
  skipPreflight?: boolean;
  forceConflicts?: boolean;
  timeline?: string;
}

export async function run(options: UpOptions): Promise<number> {
  const configured = await loadConfigured(options);
  if (options.dryRun) return (await import('./plan.ts')).run({ ...options, output: 'table' });
  printWarnings(configured.loaded.warnings, process.stderr);
  const signal = interruptSignal();
  const lock = await acquireLock(configured.stateDirectory, { command: 'gantry up' });
  try {
    if (options.installEngine) {
      const say = (text: string): void => tell(text, options);
      await installDocker(configured.config, { signal, say });
    }
    const cloud = await openCloud(options, { extraImages: options.demo ? ['guest'] : [] });
    const code = await bringUp(cloud, options, signal);
    if (code !== ExitCode.done) return code;
    const { provideGuests } = await import('../guests.ts');
    await provideGuests(cloud, options, signal);
    if (!options.demo) return code;
    const { showDemo } = await import('../demo.ts');
    return await showDemo(cloud, options, signal);
  } finally {
    await lock.release();
  }
}

async function bringUp(cloud: Cloud, options: UpOptions, signal: AbortSignal): Promise<number> {
  const looking = Promise.all([
    cloud.engine.plan(cloud.desired, { force: options.forceConflicts === true }),
    lookAtServers(cloud),
  ]);
  // What stands in its way is among the findings of the checks, which are told first.
  looking.catch(() => undefined);
  if (!options.skipPreflight) refuseUnfit(cloud, await checkMachine(cloud));
  await refuseWithoutSecrets(cloud);
  const [plan, hypervisors] = await looking;
  // What was made of its secrets is kept once it is sure that the cloud can be brought up.
  cloud.keep();
  if (plan.steps.length === 0) {
    process.stderr.write(`The cloud ${cloud.config.name} is up; nothing to do.\n`);
    for (const line of describeStopped(hypervisors)) process.stderr.write(`warning: ${line}\n`);
    return ExitCode.done;
  }
  const title = `Bringing up the cloud ${cloud.config.name}`;
  const code = await applyPlan(cloud, plan, { ...options, title, signal });
  if (code === ExitCode.done) {
    process.stderr.write(
      `The cloud ${cloud.config.name} is up: ${identityUrl(cloud.config)}\n` +
        'Next: gantry status | gantry demo | gantry openstack server list | gantry env | gantry verify\n',
    );
  }
  return code;
}

function tell(text: string, { progress }: UpOptions): void {
  const line = progress === 'json' ? JSON.stringify({ type: 'notice', level: 'info', text }) : text;
  process.stderr.write(`${line}\n`);
}
