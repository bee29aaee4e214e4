import { GantryError } from '../../../src/errors.ts';
import type { Process, Workload } from '../../../src/model/workload.ts';
import type { Identity } from '../../../src/plan/identity.ts';
import type { V1Container, V1PodSpec, V1PodTemplateSpec } from '../api/library.ts';
import { Annotation, Label } from '../names.ts';
import { renderArguments } from './command.ts';
import { fixedFileHashes } from './config.ts';
import { renderDeviceCheck } from './devices.ts';
import { renderInitResources, renderVolumeFiller } from './filler.ts';
import { imageOf, type RenderInput, workloadLabels } from './object.ts';
import { isPerNode, isStateful, renderPlacement } from './placement.ts';
import { protocolOf } from './ports.ts';
import { renderProbes } from './probes.ts';
import { CONTAINER, containerSecurity, podSecurity, securityAnnotations } from './security.ts';
import { isOwn, renderVolumes } from './volumes.ts';

/** Name of the account of all pods: it may do nothing, and no pod gets its token. */
export const ACCOUNT = 'gantry';
/** Requested of nodes where cloud.yaml says nothing: enough to spread pods, little enough to fit on one small node. */
const MEMORY_REQUEST = '64Mi';
/** In thousandths of a CPU: shares of it where there is too little. */
const CPU_REQUEST = 10;
/** For what everything else waits for, and what falls apart when its instances do not hear each other in time. */
const CLUSTER_CPU_REQUEST = 100;
/** Beyond the time to live of names: the resolvers that ask once a second. */
const DRAIN_MARGIN_SECONDS = 2;

/**
 * The pods of a process or job. Nothing in it depends on how many there are, or on how many nodes: else scaling or a
 * new node would replace them all. What forms clusters is replaced by its list of instances when that changes.
 */
export function renderPodTemplate(
  input: RenderInput,
  workload: Workload,
  identity: Identity,
): V1PodTemplateSpec {
  const { desired, cluster } = input;
  return {
    metadata: {
      labels: { ...workloadLabels(desired.cloud, workload), [Label.identity]: identity.identity },
      annotations: {
        [Annotation.image]: identity.image,
        [Annotation.settings]: identity.settings,
        [Annotation.fileHashes]: JSON.stringify(fixedFileHashes(workload)),
        ...securityAnnotations(workload, cluster),
        ...(isAlone(workload) ? { [Annotation.alone]: 'true' } : {}),
      },
    },
    spec: renderPodSpec(input, workload),
  };
}

function isAlone(workload: Workload): boolean {
  return workload.kind === 'process' && Boolean(workload.needs.instanceNames) && workload.replicas === 1;
}

function renderPodSpec(input: RenderInput, workload: Workload): V1PodSpec {
  const { needs } = workload;
  const volumes = renderVolumes(input.desired.cloud, workload);
  const own = new Set(workload.volumes.filter(isOwn).map(({ volume }) => volume));
  const first = [
    renderDeviceCheck(input, workload, renderInitResources(workload)),
    renderVolumeFiller(input, workload),
  ].filter((container) => container !== undefined);
  return {
    serviceAccountName: ACCOUNT,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: workload.kind === 'process' ? 'Always' : 'Never',
    ...(workload.kind === 'process' ? lifetime(input, workload) : {}),
    ...(needs.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...(needs.hostPid ? { hostPID: true } : {}),
    ...renderPlacement(workload),
    securityContext: podSecurity(workload),
    ...(first.length > 0 ? { initContainers: first } : {}),
    containers: [
      renderContainer(
        input,
        workload,
        volumes.map(({ mount }) => mount),
      ),
    ],
    volumes: volumes.map(({ volume }) => volume).filter(({ name }) => !own.has(name)),
  };
}

function renderContainer(
  input: RenderInput,
  workload: Workload,
  volumeMounts: V1Container['volumeMounts'] & object,
): V1Container {
  return {
    name: CONTAINER,
    image: imageOf(input, workload),
    imagePullPolicy: 'IfNotPresent',
    // The images' entry point is an init process that reaps and hands on signals: it stays.
    args: renderArguments(workload),
    ...nodeNames(workload),
    securityContext: containerSecurity(workload, input.cluster),
    resources: renderResources(workload),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...(workload.kind === 'process'
      ? { ...renderPorts(workload), ...renderProbes(workload), ...drain(input, workload) }
      : {}),
    volumeMounts,
  };
}

/**
 * What runs on the node's network is told by which address other nodes reach it, since it may have several, and what the
 * cluster calls the node: a host name need not be the node's name, nor be unlike those of other nodes.
 */
function nodeNames({ needs }: Workload): Pick<V1Container, 'env'> {
  const fields = {
    ...(needs.hostNetwork ? { GANTRY_NODE_ADDRESS: 'status.hostIP' } : {}),
    ...(needs.hostNetwork || needs.nodeName ? { GANTRY_NODE_NAME: 'spec.nodeName' } : {}),
  };
  if (Object.keys(fields).length === 0) return {};
  return {
    env: Object.entries(fields).map(([name, fieldPath]) => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    })),
  };
}

/** On the node's network a declared port would be reserved on the node: the scheduler need not know of it. */
function renderPorts({ ports, needs }: Process): Pick<V1Container, 'ports'> {
  if (ports.length === 0 || needs.hostNetwork) return {};
  return { ports: ports.map((port) => ({ containerPort: port.port, protocol: protocolOf(port) })) };
}

/** Where requests are the limits, the pod is of the QoS class Guaranteed. */
function renderResources({
  needs,
  resources: { memoryMiB, cpus, guaranteed },
}: Workload): V1Container['resources'] & object {
  const cpuLimit = cpus === undefined ? undefined : Math.round(cpus * 1000);
  const cpu = Math.min(needs.instanceNames ? CLUSTER_CPU_REQUEST : CPU_REQUEST, cpuLimit ?? Infinity);
  const memory = memoryMiB === undefined ? undefined : `${memoryMiB}Mi`;
  const limits = {
    ...(cpuLimit === undefined ? {} : { cpu: `${cpuLimit}m` }),
    ...(memory === undefined ? {} : { memory }),
  };
  return {
    requests: guaranteed ? limits : { cpu: `${cpu}m`, memory: memory ?? MEMORY_REQUEST },
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}

function lifetime(input: RenderInput, process: Process): Partial<V1PodSpec> {
  const { name, needs, stop } = process;
  if (stop.signal !== 'SIGTERM') {
    throw new GantryError({
      code: 'process.stop-signal',
      whose: 'bug',
      message: `${name} cannot be stopped with ${stop.signal} on Kubernetes`,
      why: 'Versions before 1.33 know the signal of the image only, and these images name none.',
    });
  }
  return {
    terminationGracePeriodSeconds: stop.graceSeconds + drainSeconds(input, process),
    // What registers itself under its host name must find its name again, not a new one with each replacement.
    ...(isPerNode(process) || isStateful(process) || needs.uniqueHostname ? {} : { hostname: name }),
  };
}

/** A process that is replaced while requests come goes on answering until no name leads to it any more. */
function drain(input: RenderInput, process: Process): Pick<V1Container, 'lifecycle'> {
  const seconds = drainSeconds(input, process);
  return seconds > 0 ? { lifecycle: { preStop: { exec: { command: ['sleep', String(seconds)] } } } } : {};
}

function drainSeconds({ cluster }: RenderInput, { update, ports }: Process): number {
  return update === 'rolling' && ports.length > 0 ? cluster.nameTtlSeconds + DRAIN_MARGIN_SECONDS : 0;
}
