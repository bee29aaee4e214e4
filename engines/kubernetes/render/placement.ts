import { roleTraits } from '../../../src/model/node-role.ts';
import type { Process, Workload } from '../../../src/model/workload.ts';
import type { V1PodSpec, V1Toleration } from '../api/library.ts';
import { siblingSelector } from './object.ts';
import { isOwn } from './volumes.ts';

/** How long a pod without data is left on a node that does not answer. */
const MOVE_SECONDS = 30;

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

type Placement = Pick<V1PodSpec, 'affinity' | 'tolerations' | 'topologySpreadConstraints'>;

/** True for what runs once on each node that it may run on. */
export function isPerNode(workload: Workload): boolean {
  return workload.kind === 'process' && workload.spread === 'perNode';
}

/** True where each instance keeps its data or its name. */
export function isStateful({ volumes, needs }: Process): boolean {
  return volumes.some(isOwn) || Boolean(needs.instanceNames);
}

/** Which nodes a workload may run on, and how its instances spread over them. */
export function renderPlacement(workload: Workload): Placement {
  const chosen = workload.kind === 'process' && !isPerNode(workload);
  const stateful = workload.kind === 'process' && isStateful(workload);
  const moves = chosen && !stateful && nodeOf(workload) === undefined;
  return {
    ...nodesOf(workload),
    tolerations: [...controlPlane, ...(moves ? movesSoon : [])],
    ...(chosen
      ? {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: HOSTNAME_LABEL,
              // Of three that hold data, two on one node would be lost with it. What holds none may move together.
              whenUnsatisfiable: stateful ? 'DoNotSchedule' : 'ScheduleAnyway',
              labelSelector: { matchLabels: siblingSelector(workload) },
            },
          ],
        }
      : {}),
  };
}

/** By a label's presence, whatever its value; what has a device of one node, by that node's name too. */
function nodesOf(workload: Workload): Pick<Placement, 'affinity'> {
  const only = nodeOf(workload);
  const nodeSelectorTerms = workload.on.map((role) => ({
    matchExpressions: [
      { key: roleTraits[role].label, operator: 'Exists' },
      ...(only === undefined ? [] : [{ key: HOSTNAME_LABEL, operator: 'In', values: [only] }]),
    ],
  }));
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  };
}

function nodeOf(workload: Workload): string | undefined {
  return workload.kind === 'process' ? workload.node : undefined;
}

/** A role says enough: nodes that keep others' pods away may have it too. */
export const toleratedTaints = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

const controlPlane: V1Toleration[] = toleratedTaints.map((key) => ({
  key,
  operator: 'Exists',
  effect: 'NoSchedule',
}));

const movesSoon: V1Toleration[] = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map(
  (key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: MOVE_SECONDS }),
);
