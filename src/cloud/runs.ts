import { hostname } from 'node:os';
import type { StampedEvent } from '../run/events.ts';
import { findRun, isRunAlive, listRuns, type RunSummary, readRun, summarize } from '../run/records.ts';
import { renderTimeline } from '../run/timeline.ts';
import type { Configured } from './configured.ts';

type Kept = Pick<Configured, 'stateDirectory'>;

/** The runs of a cloud whose events are kept, the latest first. */
export async function runsOf({ stateDirectory }: Kept): Promise<RunSummary[]> {
  return listRuns(stateDirectory, isRunAlive(hostname()));
}

/** The run that `wanted` names: `last`, an id or the beginning of one. Throws a usage error where none is meant. */
export async function findRunOf({ stateDirectory }: Kept, wanted: string): Promise<RunSummary> {
  const id = await findRun(stateDirectory, wanted);
  return summarize(stateDirectory, id, isRunAlive(hostname()));
}

/** Its events, in their order. */
export async function readRunOf({ stateDirectory }: Kept, id: string): Promise<StampedEvent[]> {
  return readRun(stateDirectory, id);
}

/** A picture of where a run's time went, as SVG; undefined of one that came to no step. */
export async function timelineOf(kept: Kept, id: string): Promise<string | undefined> {
  const events = await readRunOf(kept, id);
  return events.some(({ type }) => type === 'run.started') ? renderTimeline(events) : undefined;
}
