import type { Style } from './style.ts';
import type { RunView, StepView } from './view.ts';
import { describeStep, describeTarget, formatClock, formatProgress, nameOf, truncate } from './words.ts';

/** Milliseconds that each picture of the spinner is shown. */
const SPINNER_INTERVAL = 100;

type GroupStatus = 'failed' | 'running' | 'skipped' | 'pending' | 'finished';

interface Group {
  name: string;
  status: GroupStatus;
  steps: StepView[];
}

/**
 * A run as lines for a terminal of this size at this time (of the events' clock): one line per group, those
 * under way before all others where not all fit, and a last line with the totals.
 */
export function renderFrame(
  view: RunView,
  columns: number,
  rows: number,
  now: number,
  style: Style,
): string[] {
  const groups = readGroups(view);
  const nameWidth = Math.max(0, ...groups.map((group) => group.name.length));
  const countWidth = Math.max(0, ...groups.map((group) => countDone(group.steps).length));
  const drawGroup = (group: Group) => {
    const head = `${drawElapsed(group, now).padStart(5)} ${group.name.padEnd(nameWidth)} ${countDone(group.steps).padStart(countWidth)}`;
    const text = `${head}  ${describeActivity(group, view, style)}`.trimEnd();
    return colourLine(group.status, markOf(group.status, now - view.startedAt, style), text, columns, style);
  };
  // The cursor needs a line of its own below the frame.
  const room = rows - 2;
  const lines = groups.length <= room ? groups.map(drawGroup) : fold(groups, room, drawGroup, columns, style);
  return [...lines, drawTotal(view, columns, now, style)].slice(-Math.max(1, rows - 1));
}

function readGroups(view: RunView): Group[] {
  const byName = new Map<string, StepView[]>();
  for (const step of view.steps.values()) {
    const steps = byName.get(step.summary.group);
    if (steps) steps.push(step);
    else byName.set(step.summary.group, [step]);
  }
  return [...byName].map(([name, steps]) => ({ name, steps, status: statusOf(steps) }));
}

function statusOf(steps: StepView[]): GroupStatus {
  const has = (status: StepView['status']) => steps.some((step) => step.status === status);
  if (has('failed')) return 'failed';
  if (has('running')) return 'running';
  if (has('skipped')) return 'skipped';
  return has('pending') ? 'pending' : 'finished';
}

/** Groups that need no attention share a line per status; what still does not fit is counted. */
function fold(
  groups: Group[],
  room: number,
  drawGroup: (group: Group) => string,
  columns: number,
  style: Style,
): string[] {
  const folded = (status: GroupStatus, mark: string, label: string): string[] => {
    const names = groups.filter((group) => group.status === status).map((group) => group.name);
    if (names.length === 0) return [];
    return [colourLine(status, mark, `${names.length} ${label}: ${names.join(', ')}`, columns, style)];
  };
  const { marks } = style;
  const finished = folded('finished', marks.done, 'done');
  const waiting = [
    ...folded('skipped', marks.skipped, 'skipped'),
    ...folded('pending', marks.pending, 'to come'),
  ];
  const active = groups.filter(({ status }) => status === 'failed' || status === 'running');
  active.sort((a, b) => Number(b.status === 'failed') - Number(a.status === 'failed'));
  const left = Math.max(0, room - finished.length - waiting.length);
  if (active.length <= left) return [...finished, ...active.map(drawGroup), ...waiting];
  const shown = active.slice(0, Math.max(0, left - 1)).map(drawGroup);
  const more = `${style.marks.pending} ${active.length - shown.length} more under way`;
  return [...finished, ...shown, truncate(more, columns, style.ellipsis), ...waiting];
}

function drawTotal(view: RunView, columns: number, now: number, style: Style): string {
  const steps = [...view.steps.values()];
  const running = steps.filter((step) => step.status === 'running').length;
  const elapsed = formatClock((view.end?.at ?? now) - view.startedAt);
  const text = `${elapsed.padStart(7)} ${view.title}: ${countDone(steps)} steps${running > 0 ? `, ${running} under way` : ''}`;
  return style.colours.bold(truncate(text, columns, style.ellipsis));
}

function countDone(steps: StepView[]): string {
  return `${steps.filter((step) => step.status === 'finished').length}/${steps.length}`;
}

/** From the first start in the group to its last end, or until now while it is under way. */
function drawElapsed({ steps, status }: Group, now: number): string {
  const starts = steps.flatMap((step) => step.startedAt ?? []);
  if (starts.length === 0) return '';
  const ends = steps.flatMap((step) => (step.startedAt === undefined ? [] : (step.endedAt ?? now)));
  return formatClock((status === 'running' ? now : Math.max(...ends)) - Math.min(...starts));
}

function describeActivity({ status, steps, name }: Group, view: RunView, style: Style): string {
  const failed = steps.find((step) => step.status === 'failed');
  if (failed) return `${describeStep(failed.summary)} failed: ${failed.error?.message ?? ''}`;
  if (status === 'running') {
    const running = steps.filter((step) => step.status === 'running');
    running.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
    return running.map(describeRunning).join(style.separator);
  }
  if (status === 'skipped') return `skipped: ${steps.find((step) => step.because)?.because ?? ''}`;
  return status === 'pending' ? describeBlockers(steps, name, view) : '';
}

function describeRunning({ summary, waiting, progress, log }: StepView): string {
  if (progress) return `${describeStep(summary)}: ${formatProgress(progress)}`;
  if (waiting) return waiting.includes(nameOf(summary)) ? waiting : `${nameOf(summary)}: ${waiting}`;
  const output = summary.kind === 'image.build' ? log.at(-1) : undefined;
  return output ? `${describeStep(summary)}: ${output}` : describeStep(summary);
}

/** What a group that has not begun, or pauses, waits for in other groups. */
function describeBlockers(steps: StepView[], name: string, view: RunView): string {
  const blockers = new Set<string>();
  for (const step of steps.filter((one) => one.status === 'pending')) {
    for (const id of step.summary.dependsOn) {
      const other = view.steps.get(id);
      if (other && other.status !== 'finished' && other.summary.group !== name)
        blockers.add(describeTarget(other.summary));
    }
  }
  return blockers.size === 0 ? '' : `after ${[...blockers].join(', ')}`;
}

function markOf(status: GroupStatus, elapsed: number, { marks, spinner }: Style): string {
  if (status === 'running') return spinner[Math.floor(elapsed / SPINNER_INTERVAL) % spinner.length] as string;
  return { failed: marks.failed, skipped: marks.skipped, pending: marks.pending, finished: marks.done }[
    status
  ];
}

function colourLine(status: GroupStatus, mark: string, text: string, columns: number, style: Style): string {
  const { colours, ellipsis } = style;
  const line = truncate(`${mark} ${text}`, columns, ellipsis);
  if (status === 'failed') return colours.red(line);
  if (status === 'pending' || status === 'skipped') return colours.dim(line);
  const colour = status === 'finished' ? colours.green : colours.cyan;
  return colour(line.slice(0, mark.length)) + line.slice(mark.length);
}
