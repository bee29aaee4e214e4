import type { Desired } from '../../../src/model/desired.ts';
import type { Health, InstanceState, Observed, ObservedInstance } from '../../../src/model/observed.ts';
import { parseStrings } from '../../../src/model/strings.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure } from '../api/failure.ts';
import type { Pod } from '../api/objects.ts';
import { Annotation, Label } from '../names.ts';
import { type NumberedPod, numberPods } from '../pods/find.ts';
import { describePod, isPodReady } from '../waiters/pod.ts';
import { readLedgerOf } from './ledger.ts';
import { type CloudScope, listPods } from './live.ts';
import { readNodes } from './nodes.ts';
import { resourcesOf } from './resources.ts';
import { listEvents } from './snapshots.ts';

export interface ObserveInstancesInput {
  desired: Pick<Desired, 'cloud' | 'ledger'>;
  scope: Pick<CloudScope, 'cloud' | 'namespace'>;
  /** References of the images that nodes can take. */
  images(): Promise<string[]>;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The pods of a cloud as instances of its processes, for those who look at what runs. */
export async function observeInstances(api: ClusterApi, input: ObserveInstancesInput): Promise<Observed> {
  const { desired, scope, now } = input;
  try {
    const pods = await listPods(api, scope);
    const unwell = pods.some((pod) => !isPodReady(pod));
    const [events, nodes, ledger, images] = await Promise.all([
      unwell ? listEvents(api, scope.namespace) : [],
      unwell ? readNodes(api) : [],
      readLedgerOf(api, pods, desired.ledger),
      input.images(),
    ]);
    const describe = (pod: Pod): string | undefined => describePod(pod, { events, nodes, now })?.text;
    return {
      images,
      networks: [],
      volumes: [],
      instances: numberPods(pods).map((one) => observePod(one, describe)),
      ledger,
    };
  } catch (thrown) {
    throw clusterFailure(`The state of ${desired.cloud} could not be read from the cluster`, thrown);
  }
}

function observePod(
  { pod, process, ordinal }: NumberedPod,
  describe: (pod: Pod) => string | undefined,
): ObservedInstance {
  const { labels, annotations, name } = pod.metadata;
  const first = pod.status.containerStatuses?.find((status) => status.name === pod.spec.containers[0]?.name);
  const state = stateOf(pod, first);
  return {
    id: name,
    kind: 'process',
    workload: process,
    service: labels?.[Label.service] ?? '',
    ordinal,
    node: pod.spec.nodeName,
    identity: labels?.[Label.identity] ?? '',
    image: annotations?.[Annotation.image] ?? '',
    settings: annotations?.[Annotation.settings] ?? '',
    resources: resourcesOf(pod),
    files: {},
    fileHashes: parseStrings(annotations?.[Annotation.fileHashes]),
    state,
    leaving: pod.metadata.deletionTimestamp !== undefined,
    health: state === 'running' ? healthOf(pod, first?.started ?? true) : 'none',
    startedAt: first?.state.running?.startedAt,
    exitCode: first?.state.terminated?.exitCode,
    detail: describe(pod),
  };
}

type First = NonNullable<Pod['status']['containerStatuses']>[number] | undefined;

function stateOf(pod: Pod, first: First): InstanceState {
  if (first?.state.running) return 'running';
  if (first?.state.terminated || pod.status.phase === 'Failed') return 'exited';
  return (first?.restartCount ?? 0) > 0 ? 'restarting' : 'created';
}

/** A container that has not passed its startup probe yet is starting, however often that failed. */
function healthOf(pod: Pod, started: boolean): Health {
  if (isPodReady(pod)) return 'healthy';
  return started ? 'unhealthy' : 'starting';
}
