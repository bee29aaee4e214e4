import type { ErrorReport } from '../errors.ts';
import type { ChangeKind } from '../plan/step.ts';

/** What a display needs to know of a step; carries no secrets. */
export interface StepSummary {
  id: string;
  kind: string;
  /** What it does, to go before the name of what it is about. */
  verb: string;
  change: ChangeKind;
  resource: string;
  group: string;
  cause: string;
  dependsOn: string[];
}

/** How something ended that can fail or be interrupted. */
export type RunOutcome = 'done' | 'failed' | 'interrupted';

/** What happens while the application does something, as producers tell it; data throughout, which JSON carries. */
export type EventBody =
  | RunBody
  | PlanBody
  | ActivityBody
  | ImageBody
  | TransferBody
  | {
      type: 'notice';
      level: 'info' | 'warning';
      text: string /** Of one topic, one is told. */;
      topic?: string;
    };

/** A run as a whole: one command, which may do several plans. The process is told to find out whether it lives. */
type RunBody =
  | { type: 'command.started'; command: string; pid: number; processStart: string; host: string }
  | { type: 'command.finished'; result: RunOutcome; error?: ErrorReport };

/** One plan and its steps. Each step that is announced ends in exactly one of finished, failed, skipped. */
type PlanBody =
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
  | { type: 'step.failed'; id: string; error: ErrorReport }
  | { type: 'step.skipped'; id: string; because: string }
  | { type: 'run.finished'; result: RunOutcome; finished: number; failed: number; skipped: number };

/** Something done over OpenStack's APIs, by its name; see `Flow`. */
type ActivityBody =
  | { type: 'activity.started'; name: string }
  | { type: 'activity.waiting'; name: string; reason: string }
  | { type: 'activity.progress'; name: string; done: number; total: number | undefined }
  | {
      type: 'activity.finished';
      name: string;
      result: 'ok' | 'failed' | 'skipped';
      seconds: number;
      detail: string;
      /** The error's message. */
      error?: string;
    };

/** Images that are built beside any plan. */
type ImageBody =
  | { type: 'image.progress'; image: string; done: number; total: number; text: string }
  | {
      type: 'image.finished';
      image: string;
      status: 'built' | 'pulled' | 'unchanged' | 'failed' | 'skipped';
      seconds?: number;
      because?: string;
      error?: ErrorReport;
    };

/** A file of the user on its way, in bytes; told now and then. */
type TransferBody =
  | { type: 'transfer.progress'; text: string; done: number; total: number | undefined }
  | { type: 'transfer.finished'; text: string };

export type Emit = (event: EventBody) => void;

/** An event with its time in milliseconds of a monotonic clock with an arbitrary start. */
export type RunEvent = EventBody & { at: number };

/** An event as all get it that listen. */
export type StampedEvent = RunEvent & {
  /** ISO 8601, in UTC. */
  time: string;
  cloud: string;
  /** Of which run, where it is of one. */
  run?: string;
};

export type Listener = (event: StampedEvent) => void;
