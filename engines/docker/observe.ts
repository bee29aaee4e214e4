import type Docker from 'dockerode';
import { readLedger } from '../../src/engine/ledger.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Health, InstanceState, Observed, ObservedInstance } from '../../src/model/observed.ts';
import { excerpt, parseStrings } from '../../src/model/strings.ts';
import type { Resources, Workload } from '../../src/model/workload.ts';
import { fileHashesOf } from '../../src/plan/identity.ts';
import { captureCommand } from './command.ts';
import { engineFailure, unlessMissing } from './failure.ts';
import { readFiles } from './files.ts';
import { listContainers } from './find.ts';
import { Label, labelled } from './labels.ts';
import { hasNat } from './networks.ts';
import { currentHashes } from './reload.ts';
import { probe } from './wait.ts';

/** The longest that a health check may take which the observation has to run itself, in seconds. */
const PROBE_LIMIT = 2;

/** What the engine holds of one cloud: lists first, then details of its containers, all side by side. */
export async function observe(
  docker: Docker,
  desired: Pick<Desired, 'cloud' | 'ledger'> & Partial<Desired>,
): Promise<Observed> {
  const { cloud, ledger } = desired;
  try {
    const [containers, images, networks, { Volumes: volumes }] = await Promise.all([
      listContainers(docker, cloud),
      docker.listImages(),
      docker.listNetworks({ filters: labelled(cloud) }),
      docker.listVolumes({ filters: labelled(cloud) }),
    ]);
    const wanted = new Map<string, Workload>(
      [...(desired.processes ?? []), ...(desired.jobs ?? [])].map((workload) => [workload.name, workload]),
    );
    const keeper = containers.find(
      (info) => ledger && info.Labels[Label.process] === ledger.process && info.State === 'running',
    );
    const [instances, entries] = await Promise.all([
      Promise.all(
        containers.map((info) => observeInstance(docker, info, wanted.get(info.Labels[Label.process] ?? ''))),
      ),
      ledger &&
        keeper &&
        readLedger(ledger, (command, how) => captureCommand(docker.getContainer(keeper.Id), command, how)),
    ]);
    return {
      images: images.flatMap((image) => image.RepoTags ?? []).filter((tag) => !tag.startsWith('<none>')),
      networks: networks.map((network) => ({
        name: network.Labels?.[Label.network] ?? network.Name,
        subnet: network.IPAM?.Config?.[0]?.Subnet ?? '',
        nat: hasNat(network),
      })),
      volumes: volumes.map((volume) => volume.Labels?.[Label.volume] ?? volume.Name).sort(),
      instances: instances.filter((instance) => instance !== undefined),
      ledger: entries,
    };
  } catch (thrown) {
    throw engineFailure(`The state of ${cloud} could not be read from the engine`, thrown);
  }
}

async function observeInstance(
  docker: Docker,
  info: Docker.ContainerInfo,
  wanted: Workload | undefined,
): Promise<ObservedInstance | undefined> {
  const container = docker.getContainer(info.Id);
  const { Labels: labels } = info;
  const [found, fileHashes] = await Promise.all([
    unlessMissing(container.inspect()),
    currentHashes(container, labels),
  ]);
  if (!found) return undefined;
  const started = found.State.StartedAt;
  const state = stateOf(found.State);
  return {
    id: info.Id,
    kind: labels[Label.kind] === 'job' ? 'job' : 'process',
    workload: labels[Label.process] ?? '',
    service: labels[Label.service] ?? '',
    ordinal: Number(labels[Label.ordinal] ?? 0),
    identity: labels[Label.identity] ?? '',
    image: labels[Label.image] ?? '',
    settings: labels[Label.settings] ?? '',
    resources: resourcesOf(found.HostConfig),
    surroundings: parseStrings(labels[Label.surroundings]),
    files: differs(fileHashes, wanted) ? await readFiles(container) : {},
    fileHashes,
    state,
    ...(await healthOf(container, found, state)),
    startedAt: started && !started.startsWith('0001-') ? started : undefined,
    exitCode: state === 'exited' ? found.State.ExitCode : undefined,
  };
}

/** Whether what is in the container must be read to say what changed. */
function differs(hashes: Record<string, string>, wanted: Workload | undefined): boolean {
  if (!wanted) return false;
  const desired = fileHashesOf(wanted);
  return [...new Set([...Object.keys(hashes), ...Object.keys(desired)])].some(
    (path) => hashes[path] !== desired[path],
  );
}

/** The inverse of what the engine was given; see render.ts. */
export function resourcesOf({
  Memory,
  NanoCpus,
  CpusetCpus,
  CpusetMems,
}: Pick<Docker.HostConfig, 'Memory' | 'NanoCpus' | 'CpusetCpus' | 'CpusetMems'>): Resources {
  return {
    ...(Memory ? { memoryMiB: Memory / 1024 ** 2 } : {}),
    ...(NanoCpus ? { cpus: NanoCpus / 1e9 } : {}),
    ...(CpusetCpus ? { cpuset: CpusetCpus } : {}),
    ...(CpusetMems ? { numaNodes: CpusetMems } : {}),
  };
}

function stateOf(state: Docker.ContainerInspectInfo['State']): InstanceState {
  if (state.Restarting) return 'restarting';
  if (state.Running) return 'running';
  return state.Status === 'created' ? 'created' : 'exited';
}

async function healthOf(
  container: Docker.Container,
  { State: state, Config: config, RestartCount: restarts }: Docker.ContainerInspectInfo,
  observed: InstanceState,
): Promise<{ health: Health; detail: string | undefined }> {
  if (observed !== 'running') {
    const memory = state.OOMKilled ? ', out of memory' : '';
    const exit = `exited with code ${state.ExitCode}${memory}${restarts ? `, restarted ${restarts} times` : ''}`;
    return {
      health: 'none',
      detail: observed === 'created' ? state.Error || undefined : state.Error || exit,
    };
  }
  const recorded = state.Health;
  const test = config.Healthcheck?.Test;
  if (!recorded || !test) return { health: 'none', detail: undefined };
  if (recorded.Status === 'healthy') return { health: 'healthy', detail: undefined };
  const last = recorded.Log?.at(-1)?.Output;
  if (recorded.Status === 'unhealthy') {
    return { health: 'unhealthy', detail: (last && excerpt(last, 3)) || 'its health check fails' };
  }
  // Before 25 the engine probes for the first time after a whole interval; until then it knows nothing.
  const { healthy, detail } = await probe(container, test.slice(1), PROBE_LIMIT);
  return { health: healthy ? 'healthy' : 'starting', detail: healthy ? undefined : detail };
}
