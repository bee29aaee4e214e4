import type { ChangeKind } from '../plan/step.ts';
import type { RunEvent, StepSummary } from './events.ts';

type Outcome = 'finished' | 'failed' | 'skipped' | 'running';

interface Bar {
  step: StepSummary;
  /** Milliseconds since the run started. */
  from: number;
  to: number;
  outcome: Outcome;
}

/** Colours of steps that are about something special. */
const nounColours: Record<string, string> = {
  image: '#8e6bbf',
  job: '#e09b2d',
  network: '#3f8f8f',
  node: '#3f8f8f',
  task: '#c9732b',
  volume: '#3f8f8f',
};
const changeColours: Record<ChangeKind, string> = {
  create: '#2f7fd0',
  change: '#2f7fd0',
  replace: '#2f7fd0',
  run: '#e09b2d',
  destroy: '#8a8a8a',
  wait: '#9cc4ea',
};

const legend: [Pick<StepSummary, 'kind' | 'change'>, string][] = [
  [{ kind: 'image.build', change: 'create' }, 'image build'],
  [{ kind: 'instance.start', change: 'create' }, 'start'],
  [{ kind: 'instance.wait', change: 'wait' }, 'wait until healthy'],
  [{ kind: 'job.run', change: 'run' }, 'job'],
  [{ kind: 'task.run', change: 'run' }, 'task'],
  [{ kind: 'instance.remove', change: 'destroy' }, 'removal'],
];

const layout = { label: 220, chart: 900, row: 18, bar: 12, top: 60, bottom: 34, right: 70 };

/**
 * A picture of a run as SVG: a row per resource, a bar per step coloured by its kind, waits hatched, and the
 * critical path, the chain of steps that decided how long it took, outlined.
 */
export function renderTimeline(events: readonly RunEvent[]): string {
  const { title, bars, length } = readBars(events);
  const critical = findCriticalPath(bars);
  const rows = [...new Set(bars.map(rowOf))];
  const height = layout.top + rows.length * layout.row + layout.bottom;
  const width = layout.label + layout.chart + layout.right;
  const scale = layout.chart / Math.max(length, 1);
  const body = [
    ...drawAxis(length, scale, layout.top + rows.length * layout.row),
    ...rows.map((row, index) => {
      const y = layout.top + index * layout.row + layout.row / 2;
      return `<text class="label" x="${layout.label - 8}" y="${y}">${escapeXml(row)}</text>`;
    }),
    ...bars.map((bar) => drawBar(bar, rows.indexOf(rowOf(bar)), scale, critical.has(bar.step.id))),
    ...drawLegend(),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(`${title}: ${formatSeconds(length)}`)}</title>
<style>
text { font: 11px sans-serif; dominant-baseline: middle; fill: #222 }
.label { text-anchor: end }
.tick { text-anchor: middle; fill: #666 }
.heading { font-size: 14px; font-weight: bold }
.grid { stroke: #e4e4e4 }
.critical { stroke: #c01818; stroke-width: 1.5 }
.failed { fill: #c01818 }
</style>
<defs><pattern id="waiting" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="${changeColours.wait}"/><line y2="5" stroke="#fff" stroke-width="3"/></pattern></defs>
<rect width="100%" height="100%" fill="#fff"/>
<text class="heading" x="8" y="16">${escapeXml(title)}, ${formatSeconds(length)}</text>
${body.join('\n')}
</svg>
`;
}

/** Ids of the steps on the critical path: from the last to end, back through whichever dependency ended last. */
function findCriticalPath(bars: readonly Bar[]): Set<string> {
  const byId = new Map(bars.map((bar) => [bar.step.id, bar]));
  const lastOf = (candidates: readonly Bar[]): Bar | undefined =>
    candidates.reduce<Bar | undefined>((last, bar) => (last && last.to >= bar.to ? last : bar), undefined);
  const path = new Set<string>();
  for (let bar = lastOf(bars); bar; ) {
    path.add(bar.step.id);
    bar = lastOf(bar.step.dependsOn.flatMap((id) => byId.get(id) ?? []));
  }
  return path;
}

function readBars(events: readonly RunEvent[]): { title: string; bars: Bar[]; length: number } {
  const steps = new Map<string, StepSummary>();
  const bars = new Map<string, Bar>();
  let title = '';
  let origin: number | undefined;
  let length = 0;
  for (const event of events) {
    if (event.type === 'run.started') {
      title = event.title;
      origin ??= event.at;
      for (const step of event.steps) steps.set(step.id, step);
    }
    const at = event.at - (origin ?? event.at);
    length = Math.max(length, at);
    if (event.type === 'step.started') {
      const step = steps.get(event.id);
      if (step) bars.set(event.id, { step, from: at, to: at, outcome: 'running' });
    } else if (
      event.type === 'step.finished' ||
      event.type === 'step.failed' ||
      event.type === 'step.skipped'
    ) {
      const bar = bars.get(event.id);
      if (bar) Object.assign(bar, { to: at, outcome: event.type.slice('step.'.length) });
    }
  }
  for (const bar of bars.values()) if (bar.outcome === 'running') bar.to = length;
  return { title, bars: [...bars.values()].sort((a, b) => a.from - b.from), length };
}

function fillOf({ kind, change }: Pick<StepSummary, 'kind' | 'change'>): string {
  if (change === 'wait') return 'url(#waiting)';
  const noun = change === 'destroy' ? undefined : nounColours[kind.slice(0, kind.indexOf('.'))];
  return noun ?? changeColours[change];
}

/** An image and the process that runs it often share a name, but not a row. */
function rowOf({ step }: Bar): string {
  return step.kind === 'image.build' ? `image ${step.resource}` : step.resource;
}

function drawBar({ step, from, to, outcome }: Bar, row: number, scale: number, critical: boolean): string {
  const x = layout.label + from * scale;
  const y = layout.top + row * layout.row + (layout.row - layout.bar) / 2;
  const width = Math.max((to - from) * scale, 1);
  const classes = [outcome === 'failed' ? 'failed' : '', critical ? 'critical' : '']
    .filter(Boolean)
    .join(' ');
  const hint = `${step.id}: ${formatSeconds(to - from)}, from ${formatSeconds(from)}${outcome === 'finished' ? '' : `, ${outcome}`}`;
  return `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${layout.bar}" fill="${fillOf(step)}"${classes ? ` class="${classes}"` : ''}><title>${escapeXml(hint)}</title></rect>`;
}

function drawAxis(length: number, scale: number, bottom: number): string[] {
  const lines: string[] = [];
  const step = chooseTick(length);
  for (let at = 0; at <= length; at += step) {
    const x = round(layout.label + at * scale);
    lines.push(`<line class="grid" x1="${x}" x2="${x}" y1="${layout.top}" y2="${bottom}"/>`);
    lines.push(`<text class="tick" x="${x}" y="${bottom + 14}">${Number((at / 1000).toFixed(1))} s</text>`);
  }
  return lines;
}

/** Milliseconds between two ticks: 1, 2 or 5 times a power of ten, for at most twelve ticks. */
function chooseTick(length: number): number {
  for (let power = 100; ; power *= 10) {
    for (const factor of [1, 2, 5]) if (length / (power * factor) <= 12) return power * factor;
  }
}

function drawLegend(): string[] {
  const entries = legend.map(([step, text], index) => {
    const x = layout.label + index * 130;
    return `<rect x="${x}" y="34" width="12" height="12" fill="${fillOf(step)}"/><text x="${x + 18}" y="41">${text}</text>`;
  });
  const x = layout.label + legend.length * 130;
  const outline = `<rect class="critical" x="${x}" y="34" width="12" height="12" fill="none"/>`;
  return [...entries, `${outline}<text x="${x + 18}" y="41">critical path</text>`];
}

function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
