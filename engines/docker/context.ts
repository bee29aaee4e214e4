import type { Desired, DesiredImage, Task } from '../../src/model/desired.ts';
import type { Connection, StepContext } from '../../src/model/engine.ts';
import type { DockerClient } from './client.ts';
import type { NodeFacts } from './render.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects with the signal's reason when it is aborted meanwhile. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What the engine is made with; work that is not the engine's own is passed in. */
export interface DockerEngineOptions {
  client: DockerClient;
  buildImage(image: DesiredImage, context: StepContext): Promise<void>;
  /** `connect` reaches a port of a process of this cloud. */
  runTask(
    task: Task,
    context: StepContext,
    connect: (process: string, port: number) => Promise<Connection>,
  ): Promise<void>;
  /** Where the whole output of failed jobs is kept. */
  stateDirectory: string;
  clock: Clock;
}

/** What the executors of one run share. */
export interface RunContext {
  options: DockerEngineOptions;
  desired: Desired;
  /** Complete reference of an image by its name in the graph. */
  imageReference(image: string): string;
  /** Fixed addresses by process name. */
  addresses(): Promise<Record<string, string>>;
  node: NodeFacts;
  /** Stores that jobs or tasks succeeded. */
  record(entries: Record<string, string>, context: StepContext): Promise<void>;
}
