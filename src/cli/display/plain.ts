import { countSteps } from '../../plan/format.ts';
import type { RunEvent } from '../../run/events.ts';
import type { Display, DisplayStream } from './contract.ts';
import { createLines } from './lines.ts';
import { describeOutcome } from './outcome.ts';
import type { Style } from './style.ts';
import { showTransfers } from './transfers.ts';
import { createView, type StepView, updateView } from './view.ts';
import { describeStep, formatProgress, formatSeconds } from './words.ts';

/** A step that is still under way is mentioned again after this many milliseconds. */
const REPEAT_AFTER = 10_000;

export interface PlainDisplay extends Display {
  /** Mentions steps of which nothing was said for a while; `now` as in the events. */
  remind(now: number): void;
}

/** A line per step that starts or ends, with the seconds since the run started: for logs. */
export function createPlainDisplay(stream: DisplayStream, style: Style): PlainDisplay {
  const view = createView();
  const lines = createLines(style);
  const showTransfer = showTransfers(stream, 'lines');
  const { colours } = style;
  /** When each running step was last mentioned. */
  const mentioned = new Map<string, number>();
  const print = (at: number, text: string) => {
    const elapsed = `[${((at - view.startedAt) / 1000).toFixed(1).padStart(6)}]`;
    stream.write(`${colours.dim(elapsed)} ${text}\n`);
  };
  const took = (step: StepView, at: number) => formatSeconds(at - (step.startedAt ?? at));

  const printStep = (event: RunEvent, step: StepView) => {
    const name = describeStep(step.summary);
    if (event.type === 'step.started') print(event.at, `${name} (${step.summary.cause})`);
    else if (event.type === 'step.finished')
      print(event.at, `${colours.green('done')}: ${name}, ${took(step, event.at)}`);
    else if (event.type === 'step.failed') {
      print(event.at, `${colours.red('FAILED')}: ${name}, ${took(step, event.at)}: ${event.error.message}`);
    }
  };

  return {
    onEvent(event) {
      updateView(view, event);
      if (event.type === 'run.started') {
        mentioned.clear();
        print(event.at, `${event.title}: ${countSteps(event.steps)}`);
      } else if (event.type === 'run.finished') {
        for (const line of describeOutcome(view, style)) stream.write(`${line}\n`);
      } else if ('id' in event) {
        const step = view.steps.get(event.id);
        if (event.type === 'step.started') mentioned.set(event.id, event.at);
        if (step) printStep(event, step);
      } else {
        for (const line of lines(event)) stream.write(`${line}\n`);
        showTransfer(event);
      }
    },
    remind(now) {
      for (const step of view.steps.values()) {
        const { id } = step.summary;
        if (step.status !== 'running' || now - (mentioned.get(id) ?? now) < REPEAT_AFTER) continue;
        mentioned.set(id, now);
        const detail = step.waiting ?? (step.progress ? formatProgress(step.progress) : undefined);
        print(now, `still: ${describeStep(step.summary)}, ${took(step, now)}${detail ? `: ${detail}` : ''}`);
      }
    },
    close() {},
  };
}
