import { openCloud, refuseWithoutSecrets } from '../../cloud/cloud.ts';
import { checkHarm, refuseUnfit } from '../../cloud/machine.ts';
import { describeStopped, lookAtServers } from '../../cloud/servers.ts';
import { ExitCode } from '../../errors.ts';
import { formatPlan, planToJson } from '../../plan/format.ts';
import type { GlobalOptions } from '../options.ts';
import { printWarnings } from '../report.ts';
import { foldLines } from '../table.ts';

export async function run(
  options: GlobalOptions & { output?: string; detailedExitcode?: boolean },
): Promise<number> {
  const cloud = await openCloud(options);
  printWarnings(cloud.loaded.warnings, process.stderr);
  await refuseWithoutSecrets(cloud);
  const looking = Promise.all([cloud.engine.plan(cloud.desired, {}), lookAtServers(cloud)]);
  // What stands in its way is told by the check first.
  looking.catch(() => undefined);
  refuseUnfit(cloud, await checkHarm(cloud));
  const [plan, hypervisors] = await looking;
  const text =
    options.output === 'json' ? JSON.stringify(planToJson(plan), null, 2) : foldLines(formatPlan(plan));
  process.stdout.write(`${text.trimEnd()}\n`);
  for (const line of describeStopped(hypervisors)) process.stderr.write(`warning: ${line}\n`);
  return options.detailedExitcode && plan.steps.length > 0 ? ExitCode.planNotEmpty : ExitCode.done;
}
