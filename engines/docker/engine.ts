import { statSync } from 'node:fs';
import { cpus } from 'node:os';
import { type Engine, executorOf } from '../../src/engine/engine.ts';
import { KeptSchemas } from '../../src/engine/kept-schemas.ts';
import { ledgerWriter } from '../../src/engine/ledger.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ledgerOf } from '../../src/model/ledger.ts';
import { parseStrings } from '../../src/model/strings.ts';
import { planDown } from '../../src/plan/down.ts';
import { plan } from '../../src/plan/planner.ts';
import { allocateAddresses } from './addresses.ts';
import type { DockerClient } from './client.ts';
import { captureCommand, runCommand } from './command.ts';
import { connectTo } from './connect.ts';
import type { DockerEngineOptions, RunContext } from './context.ts';
import { createExecutors } from './executors.ts';
import { engineFailure } from './failure.ts';
import { findRunning, listContainers } from './find.ts';
import { Label } from './labels.ts';
import { readLogs } from './logs.ts';
import { readNameServers } from './name-servers.ts';
import { observe } from './observe.ts';
import { runOnce } from './once.ts';
import { fixedAddressProcesses, internalNetwork, type NodeFacts, pathsOf } from './render.ts';
import { withSurroundings } from './surroundings.ts';
import { readUsage } from './usage.ts';
import { refuseMoves } from './volume-places.ts';

/** The engine that runs a cloud as containers of one Docker Engine. */
export function createDockerEngine(options: DockerEngineOptions): Engine {
  const { client } = options;
  const { docker } = client;
  const complete = async (desired: Desired) =>
    withSurroundings(desired, await fixedAddresses(client, desired));
  return {
    name: 'docker',
    facts: async () => ({
      cores: cpus().length,
      controlNodes: 1,
      networkNodes: [],
      publicAddresses: ['127.0.0.1'],
      hasExternalGateway: true,
      domain: '',
      instanceDomain: undefined,
      nameServers: await readNameServers(),
    }),
    observe: (desired) => observe(docker, desired),
    complete,
    plan: async (desired) => {
      const [completed, observed] = await Promise.all([
        complete(desired),
        observe(docker, desired),
        refuseMoves(docker, desired),
      ]);
      return plan(completed, observed);
    },
    planDown: async (desired, { volumes }) =>
      planDown(await observe(docker, desired), { cloud: desired.cloud, order: desired, volumes }),
    executor: (desired) => executorOf(createExecutors(runContext(options, desired))),
    async exec(cloud, process, command, execOptions) {
      const { container } = await findRunning(docker, cloud, process);
      try {
        return await runCommand(container, command, execOptions);
      } catch (thrown) {
        throw engineFailure(`${command[0]} could not be run in ${process}`, thrown);
      }
    },
    runOnce: (desired, job, onceOptions) => runOnce(runContext(options, desired), job, onceOptions),
    readUsage: (_cloud, instances) => readUsage(docker, instances),
    logs: (cloud, processes, logOptions) => readLogs(docker, cloud, processes, logOptions),
    connect: (cloud, process, port) => connectTo(client, cloud, process, port),
  };
}

function runContext(options: DockerEngineOptions, desired: Desired): RunContext {
  const { client } = options;
  const keeper = async () =>
    (await findRunning(client.docker, desired.cloud, ledgerOf(desired).process)).container;
  const write = ledgerWriter(desired, async (command, how) => captureCommand(await keeper(), command, how));
  let addresses: Promise<Record<string, string>> | undefined;
  return {
    options,
    desired,
    addresses: () => {
      addresses ??= fixedAddresses(client, desired);
      return addresses;
    },
    node: nodeOf(client, desired),
    schemas: new KeptSchemas(desired, options.schemas, async (command, how) =>
      runCommand(await keeper(), command, how),
    ),
    record: (entries, { signal }) => write(entries, signal),
  };
}

/** Addresses that containers already have or know stay; the others follow from the names. */
async function fixedAddresses(client: DockerClient, desired: Desired): Promise<Record<string, string>> {
  const taken: Record<string, string> = {};
  for (const info of await listContainers(client.docker, desired.cloud)) {
    Object.assign(taken, parseStrings(info.Labels[Label.addresses]));
  }
  const names = fixedAddressProcesses(desired.processes).map((process) => process.name);
  return allocateAddresses(internalNetwork(desired.networks).subnet, names, taken);
}

/** Devices can only be looked for on this machine; of an engine elsewhere optional ones are left out. */
function nodeOf({ local, apiVersion }: DockerClient, { processes, jobs }: Desired): NodeFacts {
  if (!local) return { devices: new Set(), apiVersion };
  const devices = [...processes, ...jobs].flatMap(({ needs }) => needs.devices ?? []);
  const found = devices.flatMap((device) => {
    const { host } = pathsOf(device);
    const stats = statSync(host, { throwIfNoEntry: false });
    return stats ? [{ path: host, stats }] : [];
  });
  return {
    devices: new Set(found.map(({ path }) => path)),
    deviceGroups: new Map(
      found.filter(({ stats }) => stats.isBlockDevice()).map(({ path, stats }) => [path, stats.gid]),
    ),
    apiVersion,
  };
}
