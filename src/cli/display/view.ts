import { stripVTControlCharacters } from 'node:util';
import type { ErrorReport } from '../../errors.ts';
import type { RunEvent, StepSummary } from '../../run/events.ts';

export type StepStatus = 'pending' | 'running' | 'finished' | 'failed' | 'skipped';
export type Progress = { done: number; total: number | undefined; unit: 'bytes' | 'steps'; text?: string };

export interface StepView {
  summary: StepSummary;
  status: StepStatus;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** What it waits for, in words. */
  waiting: string | undefined;
  progress: Progress | undefined;
  /** The last lines it logged. */
  log: string[];
  error: ErrorReport | undefined;
  because: string | undefined;
}

/** A run as its events so far tell it: all that displays draw. Times are those of the events. */
export interface RunView {
  title: string;
  startedAt: number;
  steps: Map<string, StepView>;
  end: (Extract<RunEvent, { type: 'run.finished' }> & { at: number }) | undefined;
}

/** Log lines kept of each step, to be shown should it fail. */
const LOG_LINES = 10;

/** A run of which nothing is known yet. */
export function createView(): RunView {
  return { title: '', startedAt: 0, steps: new Map(), end: undefined };
}

/** Takes one event into the view. Events of steps that the run did not announce are ignored. */
export function updateView(view: RunView, event: RunEvent): void {
  if (event.type === 'run.started') {
    view.title = event.title;
    view.startedAt = event.at;
    view.end = undefined;
    view.steps = new Map(event.steps.map((summary) => [summary.id, pendingStep(summary)]));
    return;
  }
  if (event.type === 'run.finished') view.end = event;
  const step = 'id' in event ? view.steps.get(event.id) : undefined;
  if (step) updateStep(step, event);
}

function pendingStep(summary: StepSummary): StepView {
  return {
    summary,
    status: 'pending',
    startedAt: undefined,
    endedAt: undefined,
    waiting: undefined,
    progress: undefined,
    log: [],
    error: undefined,
    because: undefined,
  };
}

function updateStep(step: StepView, event: RunEvent): void {
  switch (event.type) {
    case 'step.started':
      step.status = 'running';
      step.startedAt = event.at;
      break;
    case 'step.waiting':
      step.waiting = toOneLine(event.reason);
      break;
    case 'step.progress': {
      const { done, total, unit, text } = event;
      step.progress = { done, total, unit, ...(text !== undefined && { text: toOneLine(text) }) };
      break;
    }
    case 'step.log':
      step.log.push(toOneLine(event.line));
      if (step.log.length > LOG_LINES) step.log.shift();
      break;
    case 'step.finished':
      step.status = 'finished';
      step.endedAt = event.at;
      break;
    case 'step.failed':
      step.status = 'failed';
      step.endedAt = event.at;
      step.error = event.error;
      break;
    case 'step.skipped':
      step.status = 'skipped';
      step.endedAt = event.at;
      step.because = event.because;
      break;
  }
}

/** Text of programs may hold anything, but must not move the cursor or colour what follows. */
function toOneLine(text: string): string {
  return (
    stripVTControlCharacters(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be taken out.
      .replace(/[\u0000-\u001f\u007f]+/g, ' ')
      .trim()
  );
}
