import { ExitCode } from '../../errors.ts';
import { formatPlan, planToJson } from '../../plan/format.ts';
import { openCloud, refuseWithoutSecrets } from '../cloud.ts';
import type { GlobalOptions } from '../options.ts';

export async function run(
  options: GlobalOptions & { output?: string; detailedExitcode?: boolean },
): Promise<number> {
  const cloud = await openCloud(options, { dryRun: true });
  await refuseWithoutSecrets(cloud);
  const plan = await cloud.engine.plan(cloud.desired, {});
  const text = options.output === 'json' ? JSON.stringify(planToJson(plan), null, 2) : formatPlan(plan);
  process.stdout.write(`${text.trimEnd()}\n`);
  return options.detailedExitcode && plan.steps.length > 0 ? ExitCode.planNotEmpty : ExitCode.done;
}
