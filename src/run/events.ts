import type { GantryError } from '../errors.ts';
import type { StepKind } from '../plan/step.ts';

/** What a display needs to know of a step; carries no secrets. */
export interface StepSummary {
  id: string;
  kind: StepKind;
  resource: string;
  group: string;
  cause: string;
  dependsOn: string[];
}

/** `at` is milliseconds of a monotonic clock with an arbitrary start. */
export type RunEvent = { at: number } & (
  | { type: 'run.started'; title: string; steps: StepSummary[] }
  | { type: 'step.started'; id: string }
  /** What the step waits for right now, in words; replaces the previous one. */
  | { type: 'step.waiting'; id: string; reason: string }
  | {
      type: 'step.progress';
      id: string;
      done: number;
      total: number | undefined;
      unit: 'bytes' | 'steps';
      text?: string;
    }
  | { type: 'step.log'; id: string; line: string }
  | { type: 'step.finished'; id: string }
  | { type: 'step.failed'; id: string; error: GantryError }
  | { type: 'step.skipped'; id: string; because: string }
  | {
      type: 'run.finished';
      result: 'done' | 'failed' | 'interrupted';
      finished: number;
      failed: number;
      skipped: number;
    }
  | { type: 'notice'; level: 'info' | 'warning'; text: string }
);

/** RunEvent without its time, as producers hand it over. */
export type EventBody = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at'> : never) : never;
export type Emit = (event: EventBody) => void;
