import { rm } from 'node:fs/promises';
import { applyPlan } from './apply.ts';
import { type Caller, inform } from './caller.ts';
import { change, type Ended } from './change.ts';
import type { Configured } from './configured.ts';

/** Stops and removes the containers; with `volumes` all data and secrets, and the records of its runs, as well. */
export async function takeDown(
  configured: Configured,
  { volumes }: { volumes: boolean },
  caller: Caller,
): Promise<Ended> {
  const { config, stateDirectory } = configured;
  if (volumes) await caller.confirm({ kind: 'destroy', cloud: config.name });
  return change(configured, { command: 'gantry down' }, caller, async (run): Promise<Ended> => {
    const { engine, desired } = await run.open();
    const plan = await engine.planDown(desired, { volumes });
    if (plan.steps.length === 0) inform(run.emit, `The cloud ${config.name} is not there; nothing to do.`);
    else {
      const title = `Taking down the cloud ${config.name}${volumes ? ' and its data' : '; data stays'}`;
      const { result } = await applyPlan({ engine, desired }, plan, title, run);
      if (result !== 'done') return { result };
    }
    if (volumes) await rm(stateDirectory, { recursive: true, force: true });
    return { result: 'done' };
  });
}
