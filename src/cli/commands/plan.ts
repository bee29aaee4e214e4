import { type Configured, loadConfigured } from '../../cloud/configured.ts';
import { planCloud } from '../../cloud/plan.ts';
import { ExitCode } from '../../errors.ts';
import { formatPlan, planToJson } from '../../plan/format.ts';
import type { Plan } from '../../plan/step.ts';
import type { Command } from '../command.ts';
import { printWarnings } from '../report.ts';
import { foldLines } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export const run: Command<'plan'> = async (options, _arguments, terminal) => {
  const { steps } = await printPlan(await loadConfigured(options), options, terminal);
  return options.detailedExitcode && steps.length > 0 ? ExitCode.planNotEmpty : ExitCode.done;
};

/** Also what --dry-run of others prints. */
export async function printPlan(
  configured: Configured,
  { output }: { output: string },
  terminal: Terminal,
): Promise<Plan> {
  printWarnings(configured.loaded.warnings, process.stderr);
  const print = (plan: Plan): void => {
    const text = output === 'json' ? JSON.stringify(planToJson(plan), null, 2) : foldLines(formatPlan(plan));
    process.stdout.write(`${text.trimEnd()}\n`);
  };
  return planCloud(configured, print, terminal);
}
