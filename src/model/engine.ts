import type { Readable, Writable } from 'node:stream';
import type { Step, StepKind, StepOf } from '../plan/step.ts';
import type { Desired } from './desired.ts';
import type { Observed } from './observed.ts';

/** What an executor may use while it runs one step. */
export interface StepContext {
  signal: AbortSignal;
  /** Says what is being waited for, in words. */
  waiting(reason: string): void;
  progress(done: number, total: number | undefined, unit: 'bytes' | 'steps', text?: string): void;
  log(line: string): void;
}

export type Executor<K extends StepKind> = (step: StepOf<K>, context: StepContext) => Promise<void>;
export type Executors = { [K in StepKind]: Executor<K> };

export interface ExecOptions {
  user?: string;
  stdin?: Readable | string;
  stdout?: Writable;
  stderr?: Writable;
  tty?: boolean;
  environment?: Record<string, string>;
  signal?: AbortSignal;
}

export interface LogOptions {
  follow: boolean;
  /** Seconds since the epoch, or undefined for all. */
  since?: number;
  tail?: number;
  signal?: AbortSignal;
  onLine(line: { process: string; ordinal: number; at: string; text: string }): void;
}

/** Where Gantry itself reaches a port of a process, with a function to give the way back. */
export interface Connection {
  host: string;
  port: number;
  close(): Promise<void>;
}

/** What a folder in engines/ provides. */
export interface Engine {
  name: 'docker' | 'kubernetes';
  /** Snapshot of what runs. `desired` limits which files are read back for saying what changed. */
  observe(desired: Pick<Desired, 'cloud' | 'ledger'> & Partial<Desired>): Promise<Observed>;
  executors(desired: Desired): Executors;
  /** Runs a command in an instance of the process; resolves to its exit code. */
  exec(cloud: string, process: string, command: string[], options: ExecOptions): Promise<number>;
  logs(cloud: string, processes: string[], options: LogOptions): Promise<void>;
  connect(cloud: string, process: string, port: number): Promise<Connection>;
}

/** One step as an executor call, typed by its kind. */
export async function execute(executors: Executors, step: Step, context: StepContext): Promise<void> {
  const executor = executors[step.kind] as (step: Step, context: StepContext) => Promise<void>;
  await executor(step, context);
}
