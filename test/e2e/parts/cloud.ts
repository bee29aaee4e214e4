import type { Asked } from '../client.ts';
import type { Containers } from '../containers.ts';
import type { Gantry, Result } from '../gantry.ts';

/** The one cloud that the parts of the suite share; each leaves it as it found it. */
export interface CloudInTest {
  gantry: Gantry;
  containers: Containers;
  /** Runs a command that must succeed. */
  expectDone(...args: string[]): Promise<Result>;
  /** Nothing failed, at ten requests a second. */
  expectAnswered(asked: Asked): void;
}
