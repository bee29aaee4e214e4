import type { ExecutorsOf, StepContext } from '../../src/engine/engine.ts';
import type { InstanceStepArgs } from '../../src/plan/instance-steps.ts';
import { connectTo } from './connect.ts';
import type { RunContext } from './context.ts';
import { engineFailure, statusOf } from './failure.ts';
import { bidFarewell } from './farewell.ts';
import { runJob } from './job.ts';
import { containerName } from './labels.ts';
import { createNetwork, createVolume, removeNetwork, removeVolume } from './networks.ts';
import { reloadInstance } from './reload.ts';
import { removeInstance, startInstance } from './start.ts';
import { placeOf } from './volume-places.ts';
import { waitUntilHealthy } from './wait.ts';

/** One executor per kind of step. */
export function createExecutors(run: RunContext): ExecutorsOf<InstanceStepArgs> {
  const { client, clock, buildImage, runTask } = run.options;
  const { docker } = client;
  const { desired } = run;
  const { cloud } = desired;
  return {
    'image.build': ({ args }, context) => buildImage(args.image, context),
    'network.create': ({ args }) => createNetwork(docker, cloud, args.network),
    'network.remove': ({ args }) => removeNetwork(docker, cloud, args.name),
    'volume.create': ({ args }) => createVolume(docker, cloud, args.volume, placeOf(desired, args.volume)),
    'volume.remove': ({ args }) => removeVolume(docker, desired, args.volume),
    'instance.start': async ({ args }) => {
      await startInstance(run, args.process, args.ordinal, args.identity);
    },
    'instance.wait': ({ args }, context) => {
      const name = containerName(cloud, args.process, args.ordinal, args.identity.identity);
      return waitUntilHealthy(docker.getContainer(name), args.process, context, clock);
    },
    'instance.reload': ({ args }) => reloadInstance(docker.getContainer(args.instance), args.process),
    'instance.restart': ({ args }) => restartInstance(run, args.instance),
    'instance.remove': async ({ args }, context) => {
      if (args.farewell) await bidFarewell(docker, args.instance, args.farewell, context);
      await removeInstance(docker, args.instance, args.graceSeconds);
    },
    'job.run': ({ args }, context) => runJob(run, args.job, args.identity, context),
    'task.run': async ({ args }, context: StepContext) => {
      await runTask(args.task, context, {
        desired,
        connect: (process, port) => connectTo(client, cloud, process, port),
      });
      await run.record({ [args.task.name]: args.identity }, context);
    },
  };
}

async function restartInstance(run: RunContext, id: string): Promise<void> {
  const container = run.options.client.docker.getContainer(id);
  try {
    // One that keeps stopping counts as running, and the engine's pauses between its starts have grown.
    if ((await container.inspect()).State.Restarting) await container.restart({ t: 0 });
    else await container.start();
  } catch (thrown) {
    // 304: it runs already.
    if (statusOf(thrown) !== 304)
      throw engineFailure(`Container ${id.slice(0, 12)} could not be started`, thrown);
  }
}
