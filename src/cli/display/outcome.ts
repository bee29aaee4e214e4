import { countSteps } from '../../plan/format.ts';
import { describeError } from '../report.ts';
import type { Style } from './style.ts';
import type { RunView, StepView } from './view.ts';
import { describeStep, formatSeconds } from './words.ts';

/** What a run came to, for its end: each failure in full, what was skipped and why, and what to do next. */
export function describeOutcome(view: RunView, style: Style): string[] {
  if (!view.end) return [];
  const { colours, marks } = style;
  const steps = [...view.steps.values()];
  const took = formatSeconds(view.end.at - view.startedAt);
  const { finished, failed, skipped, result } = view.end;
  const lines = steps
    .filter((step) => step.status === 'failed')
    .flatMap((step) => describeFailure(step, style));
  if (result === 'failed') lines.push(...describeSkipped(steps));
  if (result === 'interrupted') lines.push(...describeProgress(steps));
  const counts = `${finished} of ${countSteps(steps)} done, ${failed} failed, ${skipped} skipped`;
  if (result === 'done') lines.push(colours.green(`${marks.done} ${view.title}: done in ${took}.`));
  if (result === 'failed')
    lines.push(colours.red(`${marks.failed} ${view.title}: failed after ${took}; ${counts}.`));
  if (result === 'interrupted') {
    lines.push(
      colours.yellow(`${marks.skipped} ${view.title}: interrupted after ${took}; ${counts}.`),
      'Run the same command again to go on from here.',
    );
  }
  return lines;
}

function describeFailure(step: StepView, { colours, marks }: Style): string[] {
  const { error, startedAt, endedAt } = step;
  if (!error) return [];
  const took = formatSeconds((endedAt ?? 0) - (startedAt ?? 0));
  const lines = [colours.red(`${marks.failed} ${describeStep(step.summary)} failed after ${took}`)];
  lines.push(
    ...describeError(error)
      .replace(/^gantry: /, '')
      .split('\n')
      .map((line) => `  ${line}`),
  );
  if (error.why === undefined && step.log.length > 0) {
    lines.push('  Its last output:', ...step.log.map((line) => `    ${line}`));
  }
  return [...lines, ''];
}

function describeSkipped(steps: StepView[]): string[] {
  const names = new Map<string, string[]>();
  for (const { status, because = '', summary } of steps) {
    if (status === 'skipped') names.set(because, [...(names.get(because) ?? []), describeStep(summary)]);
  }
  return [...names].map(([because, skipped]) => `Skipped because ${because}: ${skipped.join(', ')}.`);
}

function describeProgress(steps: StepView[]): string[] {
  const groups = [...new Set(steps.map((step) => step.summary.group))].map((group) => {
    const members = steps.filter((step) => step.summary.group === group);
    return {
      group,
      total: members.length,
      done: members.filter((step) => step.status === 'finished').length,
    };
  });
  const whole = groups.filter(({ done, total }) => done === total).map(({ group }) => group);
  const partly = groups
    .filter(({ done, total }) => done > 0 && done < total)
    .map(({ group, done, total }) => `${group} (${done} of ${total})`);
  const lines: string[] = [];
  if (whole.length > 0) lines.push(`Finished: ${whole.join(', ')}.`);
  if (partly.length > 0) lines.push(`Begun: ${partly.join(', ')}.`);
  return lines;
}
