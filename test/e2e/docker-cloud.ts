import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { createDockerClient, type DockerClient } from '../../engines/docker/client.ts';
import { createDockerEngine } from '../../engines/docker/engine.ts';
import { labelled } from '../../engines/docker/labels.ts';
import type { Engine, Execute, StepContext } from '../../src/engine/engine.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Observed, ObservedInstance } from '../../src/model/observed.ts';
import type { Job, Process, Workload } from '../../src/model/workload.ts';
import { type Identity, identityOf } from '../../src/plan/identity.ts';
import { type InstanceStepArgs, makeStep } from '../../src/plan/instance-steps.ts';
import { importTinyImage } from './tiny-image.ts';
import { forever, image, noSchemas, outputOf, processOf } from './workloads.ts';

export const cloud = `gantrytest${process.pid}`;
export const reference = `gantry-test/tiny:${cloud}`;

export let client: DockerClient;
export let engine: Engine;
export let stateDirectory: string;

/** Makes the engine before the tests of a file, and removes all that they leave of the cloud. */
export function useDockerCloud(): void {
  beforeAll(async () => {
    client = await createDockerClient(process.env);
    stateDirectory = await mkdtemp(join(tmpdir(), 'gantry-docker-engine-'));
    await importTinyImage(client.docker, reference);
    engine = createDockerEngine({
      client,
      buildImage: async () => {},
      runTask: async () => {},
      stateDirectory,
      schemas: noSchemas,
      clock: { now: Date.now, sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }) },
    });
  });

  afterAll(async () => {
    const { docker } = client;
    for (const info of await docker.listContainers({ all: true, filters: labelled(cloud) })) {
      await docker.getContainer(info.Id).remove({ v: true, force: true });
    }
    for (const network of await docker.listNetworks({ filters: labelled(cloud) })) {
      await docker.getNetwork(network.Id).remove();
    }
    const { Volumes: volumes } = await docker.listVolumes({ filters: labelled(cloud) });
    for (const volume of volumes) await docker.getVolume(volume.Name).remove();
    await docker.getImage(reference).remove({ force: true });
    await rm(stateDirectory, { recursive: true });
  });
}

/** Makes what processes and jobs of the cloud are attached to, for tests that are not about that. */
export async function makeFoundations(): Promise<void> {
  const session = new Session(desiredOf([]));
  for (const network of session.desired.networks) await session.run('network.create', { network });
  await session.run('volume.create', { volume: 'ledger' });
}

export const keeper = processOf('keeper', forever, {
  user: '0:0',
  volumes: [{ volume: 'ledger', path: '/data' }],
});

export function desiredOf(processes: Process[], jobs: Job[] = []): Desired {
  return {
    cloud,
    images: [{ name: image, hash: '', reference, parents: [] }],
    networks: [
      { name: 'internal', role: 'internal', subnet: '10.213.28.0/24', gateway: '10.213.28.1' },
      { name: 'external', role: 'external', subnet: '10.213.29.0/24', gateway: '10.213.29.1' },
    ],
    volumes: ['ledger'],
    processes,
    jobs,
    tasks: [],
    endpoints: [],
    ledger: {
      process: 'keeper',
      user: '0:0',
      read: ['sh', '-c', 'cat /data/ledger 2>/dev/null; true'],
      record: ['sh', '-c', 'cat >> /data/ledger'],
    },
    publicAddress: '127.0.0.1',
  };
}

export function identity(workload: Workload): Identity {
  return identityOf(workload, reference);
}

export function output(process: string, command: string[], stdin?: string): Promise<string> {
  return outputOf(engine.exec, cloud, process, command, stdin);
}

/** Steps of one desired cloud, run one by one. */
export class Session {
  readonly waits: string[] = [];
  readonly abort = new AbortController();
  private readonly execute: Execute;

  constructor(readonly desired: Desired) {
    this.execute = engine.executor(desired);
  }

  async run<K extends keyof InstanceStepArgs>(kind: K, args: InstanceStepArgs[K]): Promise<void> {
    const context: StepContext = {
      signal: this.abort.signal,
      waiting: (reason) => this.waits.push(reason),
      progress: () => {},
      log: () => {},
    };
    const fields = { subject: 'test', resource: 'test', group: 'test', cause: 'test' };
    await this.execute(makeStep(kind, { ...fields, args }), context);
  }

  async up(process: Process, ordinal = 0): Promise<void> {
    await this.run('instance.start', { process, ordinal, identity: identity(process) });
    await this.run('instance.wait', { process, ordinal, identity: identity(process) });
  }

  observe(): Promise<Observed> {
    return engine.observe(this.desired);
  }

  async instance(process: string): Promise<ObservedInstance> {
    const { instances } = await this.observe();
    const found = instances.filter((instance) => instance.workload === process);
    expect(found, process).toHaveLength(1);
    return found[0] as ObservedInstance;
  }
}
