import type { RenderedSections } from './oslo.ts';

/** What an operation may use of a cloud that is up. */
export interface OperationContext {
  /** Runs a command in a process; resolves to its output, throws with it where it fails. */
  exec(process: string, command: string[]): Promise<string>;
  /** A file of oslo.config as a process reads it, what cloud.yaml says included; empty where it has no such file. */
  sections(process: string, path: string): RenderedSections;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Keys of a service that are changed while it is in use, by `gantry rotate NAME`. */
export interface Rotation {
  name: string;
  /** Which keys they are, for help. */
  summary: string;
  /** Looks at what is there. Throws a GantryError where the keys must not be changed now. */
  prepare(context: OperationContext): Promise<PreparedRotation>;
}

/** A rotation that whoever asked for it may still refuse. */
export interface PreparedRotation {
  /** What will be so afterwards, and what becomes of that which is in use. */
  description: string;
  /** Said once it has run. */
  outcome: string;
  run(): Promise<void>;
}

/** What operators can do with a service: the default export of `catalogue/SERVICE/operations.ts`. */
export interface ServiceOperations {
  rotations: readonly Rotation[];
}
