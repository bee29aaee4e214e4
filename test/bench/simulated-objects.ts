import { createHash } from 'node:crypto';
import type { KubeObject, Pod, WorkloadObject } from '../../engines/kubernetes/api/objects.ts';
import type { DesiredObject } from '../../engines/kubernetes/plan/bundle.ts';

/** Objects as an API server lists them, with all that it and others fill in: what makes lists long. */

const TIME = '2026-01-01T00:00:00Z';
/** Images that a kubelet reports at most: https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/ */
const IMAGES_REPORTED = 50;
/** Nodes with the control role, which are compute nodes as all others are. */
const CONTROL_NODES = 3;

export function nodeName(index: number): string {
  return `node-${String(index + 1).padStart(4, '0')}.example.org`;
}

export function makeNode(index: number): KubeObject {
  const name = nodeName(index);
  const condition = (type: string, status: string) => ({
    type,
    status,
    lastHeartbeatTime: TIME,
    lastTransitionTime: TIME,
    reason: `Kubelet${type}`,
    message: `kubelet reports ${type} ${status} on ${name}`,
  });
  const resources = { cpu: '64', 'ephemeral-storage': '459850824Ki', memory: '263785104Ki', pods: '110' };
  const node = {
    metadata: {
      ...serverMetadata(`node ${name}`),
      name,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'gantry.org/compute': '',
        ...(index < CONTROL_NODES ? { 'gantry.org/control': '' } : {}),
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: `10.${index >> 8}.${index & 255}.0/24`,
      podCIDRs: [`10.${index >> 8}.${index & 255}.0/24`],
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: `192.0.${index >> 8}.${index & 255}` },
        { type: 'Hostname', address: name },
      ],
      allocatable: resources,
      capacity: resources,
      conditions: [
        condition('MemoryPressure', 'False'),
        condition('DiskPressure', 'False'),
        condition('PIDPressure', 'False'),
        condition('Ready', 'True'),
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      images: Array.from({ length: IMAGES_REPORTED }, (_, image) => ({
        names: [
          `registry.example.org/cloud/image-${image}@sha256:${digest(`image ${image}`)}`,
          `registry.example.org/cloud/image-${image}:${digest(`tag ${image}`).slice(0, 12)}`,
        ],
        sizeBytes: 400_000_000 + image,
      })),
      nodeInfo: {
        architecture: 'amd64',
        bootID: uid(`boot ${name}`),
        containerRuntimeVersion: 'containerd://1.7.24',
        kernelVersion: '6.12.0-amd64',
        kubeProxyVersion: 'v1.33.0',
        kubeletVersion: 'v1.33.0',
        machineID: digest(name).slice(0, 32),
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        systemUUID: uid(`system ${name}`),
      },
    },
  };
  return withManagers(node, { gantry: ['metadata'], kubelet: ['status'] });
}

/** An applied object as it is afterwards, on a cluster of so many nodes. */
export function makeLive(
  { ref, manifest, addresses }: DesiredObject,
  nodes: number,
  ready: boolean,
): KubeObject {
  const { apiVersion: _version, kind: _kind, ...wanted } = manifest as WorkloadObject;
  const count = podCount(ref.kind, wanted, nodes);
  const live = {
    ...wanted,
    metadata: { ...serverMetadata(`${ref.kind} ${ref.name}`), generation: 1, ...wanted.metadata },
    ...(wanted.spec?.template
      ? {
          status: {
            observedGeneration: 1,
            replicas: count,
            readyReplicas: ready ? count : 0,
            updatedReplicas: count,
            availableReplicas: count,
            desiredNumberScheduled: count,
            numberReady: ready ? count : 0,
            updatedNumberScheduled: count,
          },
        }
      : {}),
    ...(addresses ? { status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } } } : {}),
  };
  return withManagers(live, { gantry: ['metadata', 'spec', 'data'] });
}

/** The pods of what makes pods: one for each node that has the role, or as many as are wanted. */
export function makePods({ ref, manifest }: DesiredObject, nodes: number, ready: boolean): Pod[] {
  const object = manifest as WorkloadObject;
  return Array.from({ length: podCount(ref.kind, object, nodes) }, (_, index) => {
    const name = `${ref.name}-${ref.kind === 'StatefulSet' ? index : digest(`${ref.name} ${index}`).slice(0, 5)}`;
    const owner = {
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      name: ref.name,
      uid: uid(`${ref.kind} ${ref.name}`),
    };
    const { spec, metadata } = object.spec.template;
    const pod = {
      metadata: {
        ...serverMetadata(`pod ${name}`),
        ...metadata,
        name,
        namespace: ref.namespace ?? '',
        labels: { ...metadata?.labels, 'controller-revision-hash': digest(ref.name).slice(0, 10) },
        ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        ...spec,
        nodeName: nodeName(index),
        dnsPolicy: 'ClusterFirst',
        priority: 0,
        schedulerName: 'default-scheduler',
        tolerations: ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'unschedulable'].map(
          (key) => ({
            key: `node.kubernetes.io/${key}`,
            operator: 'Exists',
            effect: 'NoExecute',
          }),
        ),
      },
      status: podStatus(spec.containers, name, ready),
    };
    return withManagers(pod, { 'kube-controller-manager': ['metadata', 'spec'], kubelet: ['status'] });
  });
}

/** What the kubelet says of a pod that is not ready. */
export function makeEvent({ metadata }: Pod, count: number): KubeObject {
  const event = {
    metadata: { ...serverMetadata(`event ${count} ${metadata.name}`), name: `${metadata.name}.${count}` },
    involvedObject: { kind: 'Pod', name: metadata.name, uid: metadata.uid },
    reason: 'Unhealthy',
    message: 'Startup probe failed: waits for the message broker',
    source: { component: 'kubelet' },
    firstTimestamp: TIME,
    lastTimestamp: TIME,
    count: 7,
    type: 'Warning',
  };
  return withManagers(event, { kubelet: ['reason', 'message', 'involvedObject'] });
}

function podCount(kind: string, { spec }: Pick<WorkloadObject, 'spec'>, nodes: number): number {
  if (kind !== 'DaemonSet') return spec?.replicas ?? 0;
  return nodes;
}

function podStatus(containers: Pod['spec']['containers'], name: string, ready: boolean): Pod['status'] {
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => {
    const status = ready || !type.includes('Ready') ? 'True' : 'False';
    return { type, status, lastProbeTime: null, lastTransitionTime: TIME } as const;
  });
  return {
    phase: 'Running',
    conditions,
    podIP: '10.0.0.1',
    startTime: TIME,
    containerStatuses: containers.map((container) => ({
      name: container.name,
      ready,
      started: ready,
      restartCount: 0,
      image: container.image,
      imageID: `${container.image}@sha256:${digest(container.image)}`,
      containerID: `containerd://${digest(name)}`,
      state: { running: { startedAt: TIME } },
      lastState: {},
    })),
  };
}

function serverMetadata(key: string): KubeObject['metadata'] {
  return { name: '', uid: uid(key), resourceVersion: '123456', creationTimestamp: TIME };
}

/** Notes who set which fields, as the API server does; about half of what it sends. */
function withManagers<T extends KubeObject>(object: T, managers: Record<string, string[]>): T {
  const managedFields = Object.entries(managers).map(([manager, parts]) => ({
    manager,
    operation: 'Update' as const,
    apiVersion: 'v1',
    time: TIME,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsOf(Object.fromEntries(Object.entries(object).filter(([part]) => parts.includes(part)))),
  }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Array.isArray(value)
    ? value.map((entry, index) => [`k:${JSON.stringify({ name: entry?.name ?? index })}`, entry] as const)
    : Object.entries(value).map(([key, entry]) => [`f:${key}`, entry] as const);
  return Object.fromEntries(entries.map(([key, entry]) => [key, fieldsOf(entry)]));
}

function uid(key: string): string {
  const hex = digest(key);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
