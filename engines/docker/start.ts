import type Docker from 'dockerode';
import type { Workload } from '../../src/model/workload.ts';
import type { Identity } from '../../src/plan/identity.ts';
import { referenceOf } from '../../src/plan/jobs.ts';
import type { RunContext } from './context.ts';
import { engineFailure, statusOf, unlessMissing } from './failure.ts';
import { putFiles } from './files.ts';
import { Label } from './labels.ts';
import { shareHostMounts } from './propagation.ts';
import { type CreateOptions, renderContainer } from './render.ts';

/**
 * Creates the container of one instance with its files and starts it. What an interrupted run left under
 * its name is kept where it runs already, and removed otherwise.
 */
export async function startInstance(
  run: RunContext,
  workload: Workload,
  ordinal: number,
  identity: Identity,
): Promise<Docker.Container> {
  const { docker } = run.options.client;
  const options = await renderInstance(run, workload, ordinal, identity);
  const present = await unlessMissing(docker.getContainer(options.name).inspect());
  if (present) {
    const same = present.Config.Labels[Label.identity] === identity.identity;
    if (same && present.State.Running) return docker.getContainer(present.Id);
    await removeContainer(docker.getContainer(present.Id));
  }
  return createAndStart(run, options, workload);
}

/** What the container of an instance is created with. */
export async function renderInstance(
  run: RunContext,
  workload: Workload,
  ordinal: number,
  identity: Identity,
): Promise<CreateOptions> {
  return renderContainer({
    desired: run.desired,
    workload,
    ordinal,
    identity,
    imageReference: referenceOf(workload, run.desired.images),
    addresses: await run.addresses(),
    node: run.node,
  });
}

/** Creates a container with its files and starts it; `beforeStart` is given it while it has not run yet. */
export async function createAndStart(
  run: RunContext,
  options: CreateOptions,
  workload: Workload,
  beforeStart: (container: Docker.Container) => Promise<void> = async () => {},
): Promise<Docker.Container> {
  const { docker, local } = run.options.client;
  try {
    if (local) await shareHostMounts(workload.hostMounts);
    const container = await docker.createContainer(options);
    try {
      await putFiles(container, workload.files);
      await beforeStart(container);
      await container.start();
    } catch (thrown) {
      await removeContainer(container);
      throw thrown;
    }
    return container;
  } catch (thrown) {
    throw engineFailure(`${workload.name} could not be started`, thrown);
  }
}

/** Removes a container with its config volume; one that is gone, or going, is fine. */
export async function removeContainer(container: Docker.Container): Promise<void> {
  try {
    await unlessMissing(container.remove({ v: true, force: true }));
  } catch (thrown) {
    // 409: somebody else's removal of it is in progress.
    if (statusOf(thrown) !== 409) throw thrown;
  }
}

/** Stops an instance within its grace time and removes it. */
export async function removeInstance(docker: Docker, id: string, graceSeconds: number): Promise<void> {
  const container = docker.getContainer(id);
  try {
    await unlessMissing(container.stop({ t: graceSeconds })).catch((thrown) => {
      // 304: it is not running.
      if (statusOf(thrown) !== 304) throw thrown;
    });
    await removeContainer(container);
  } catch (thrown) {
    throw engineFailure(`Container ${id.slice(0, 12)} could not be removed`, thrown);
  }
}
