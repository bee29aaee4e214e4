import stringWidth from 'string-width';
import { subjectOf } from '../../plan/steps.ts';
import type { StepSummary } from '../../run/events.ts';

/** What a step does, such as "start nova-api". */
export function describeStep(step: StepSummary): string {
  return `${step.verb} ${nameOf(step)}`;
}

/** What a step is about; an ordinal is shown from the second instance on. */
export function nameOf(step: StepSummary): string {
  const subject = subjectOf(step);
  return subject === `${step.resource}.0` ? step.resource : subject;
}

/** What a step is about, told apart from a process of the same name. */
export function describeTarget(step: StepSummary): string {
  const kind = /^(image|network|volume)\./.exec(step.kind)?.[1];
  return kind ? `${kind} ${nameOf(step)}` : nameOf(step);
}

/** Minutes and seconds, as on a clock: 0:07, 12:40. */
export function formatClock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Seconds to one decimal: "4.2 s". */
export function formatSeconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
}

/** How far something is: "12.3 of 40.0 MB", "3 of 7", with a text where the step gave one. */
export function formatProgress(progress: {
  done: number;
  total: number | undefined;
  unit: 'bytes' | 'steps';
  text?: string;
}): string {
  const { done, total, unit, text } = progress;
  const show = (count: number) => (unit === 'bytes' ? (count / 1e6).toFixed(1) : `${count}`);
  const amount = `${show(done)}${total === undefined ? '' : ` of ${show(total)}`}${unit === 'bytes' ? ' MB' : ''}`;
  return text === undefined ? amount : `${amount} ${text}`;
}

const segmenter = new Intl.Segmenter();

/** The text cut to this many terminal columns, with an ellipsis where something is missing. Without colours. */
export function truncate(text: string, columns: number, ellipsis: string): string {
  if (stringWidth(text) <= columns) return text;
  const room = columns - stringWidth(ellipsis);
  let width = 0;
  let cut = '';
  for (const { segment } of segmenter.segment(text)) {
    width += stringWidth(segment);
    if (width > room) break;
    cut += segment;
  }
  return room < 0 ? '' : cut + ellipsis;
}
