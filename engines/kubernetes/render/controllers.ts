import type { Process } from '../../../src/model/workload.ts';
import type { Identity } from '../../../src/plan/identity.ts';
import type {
  V1DaemonSet,
  V1Deployment,
  V1DeploymentStrategy,
  V1PersistentVolumeClaim,
  V1StatefulSet,
} from '../api/library.ts';
import { peersName } from '../names.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { desiredObject, type Manifest, podSelector, type RenderInput, workloadMetadata } from './object.ts';
import { isPerNode, isStateful } from './placement.ts';
import { renderPodTemplate } from './pod.ts';
import { claim, isOwn } from './volumes.ts';

/** Share of nodes that replace their pod of a process at the same time; one at least. */
const NODES_AT_ONCE = '10%';
/** Old pod templates are of no use: what they read is removed with them. */
const revisionHistoryLimit = 1;

/** What keeps the pods of a process running: one per node, a numbered set with data or names, or any. */
export function renderController(input: RenderInput, process: Process, identity: Identity): DesiredObject {
  if (isPerNode(process)) return desiredObject(daemonSet(input, process, identity));
  return desiredObject(
    isStateful(process) ? statefulSet(input, process, identity) : deployment(input, process, identity),
  );
}

function daemonSet(input: RenderInput, process: Process, identity: Identity): V1DaemonSet & Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: workloadMetadata(input, process, process.name),
    spec: {
      selector: { matchLabels: podSelector(process) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: NODES_AT_ONCE } },
      revisionHistoryLimit,
      template: renderPodTemplate(input, process, identity),
    },
  };
}

function statefulSet(input: RenderInput, process: Process, identity: Identity): V1StatefulSet & Manifest {
  const claims = process.volumes.filter(isOwn).map(
    (mount): V1PersistentVolumeClaim => ({
      metadata: {
        name: mount.volume,
        labels: workloadMetadata(input, process, mount.volume).labels,
      },
      spec: claim(input.cluster, mount),
    }),
  );
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: workloadMetadata(input, process, process.name),
    spec: {
      replicas: process.replicas,
      serviceName: peersName(process.name),
      // All of a cluster may be needed before one of them is ready.
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: podSelector(process) },
      updateStrategy: { type: 'RollingUpdate' },
      revisionHistoryLimit,
      template: renderPodTemplate(input, process, identity),
      ...(claims.length > 0 ? { volumeClaimTemplates: claims } : {}),
    },
  };
}

function deployment(input: RenderInput, process: Process, identity: Identity): V1Deployment & Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: workloadMetadata(input, process, process.name),
    spec: {
      replicas: process.replicas,
      selector: { matchLabels: podSelector(process) },
      strategy: strategyOf(process),
      revisionHistoryLimit,
      template: renderPodTemplate(input, process, identity),
    },
  };
}

/** Several that may not run beside their replacement are replaced one after another, not all at once. */
function strategyOf({ update, replicas }: Process): V1DeploymentStrategy {
  if (update === 'rolling') {
    return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  }
  if (replicas === 1) return { type: 'Recreate' };
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } };
}
