import type { RenderedObject } from '../engine/engine.ts';
import { ExitCode, GantryError } from '../errors.ts';
import type { Caller } from './caller.ts';
import { change } from './change.ts';
import { type Cloud, openCloud, refuseWithoutSecrets } from './cloud.ts';
import type { Configured } from './configured.ts';

export interface Rendered {
  objects: RenderedObject[];
  /** What of secrets, authority or certificate was made for them and is kept nowhere: these are for looking at only. */
  unkept: string[];
}

/**
 * All objects that `up` would apply; jobs are not among them. With `keep`, what is made of secrets is kept, so that they
 * may be applied otherwise. Throws `render.no-manifests` where the engine has none.
 */
export async function renderObjects(
  configured: Configured,
  { keep }: { keep: boolean },
  caller: Caller,
): Promise<Rendered> {
  refuseWithoutManifests(configured);
  if (!keep) {
    const cloud = await openCloud(configured, {}, caller);
    return { objects: await objectsOf(cloud), unkept: cloud.unkept() };
  }
  return change(configured, { command: 'gantry render --secrets-to' }, caller, async (run) => {
    const cloud = await run.open();
    await refuseWithoutSecrets(cloud);
    const objects = await objectsOf(cloud);
    cloud.keep();
    return { result: 'done', objects, unkept: [] };
  });
}

function refuseWithoutManifests({ config }: Configured): void {
  if (config.engine === 'kubernetes') return;
  throw new GantryError({
    code: 'render.no-manifests',
    whose: 'user',
    message: `the engine ${config.engine} has no manifests`,
    next: 'this command is for clouds on Kubernetes (--engine kubernetes); "gantry plan" shows what up would do',
    exitCode: ExitCode.usage,
  });
}

async function objectsOf({ engine, desired }: Cloud): Promise<RenderedObject[]> {
  return (await engine.render?.(desired)) ?? [];
}
