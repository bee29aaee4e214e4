import type { EngineOptions, StepContext } from '../../src/engine/engine.ts';
import type { KeptSchemas } from '../../src/engine/kept-schemas.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { DockerClient } from './client.ts';
import type { NodeFacts } from './render.ts';

export interface DockerEngineOptions extends EngineOptions {
  client: DockerClient;
}

/** What the executors of one run share. */
export interface RunContext {
  options: DockerEngineOptions;
  desired: Desired;
  /** Fixed addresses by process name. */
  addresses(): Promise<Record<string, string>>;
  node: NodeFacts;
  schemas: KeptSchemas;
  /** Stores that jobs or tasks succeeded. */
  record(entries: Record<string, string>, context: StepContext): Promise<void>;
}
