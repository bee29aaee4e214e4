/**
 * The fields that Gantry reads of objects of the Kubernetes API, as they are in JSON.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/
 */

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  /** RFC 3339. */
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[];
  managedFields?: ManagedFields[];
}

export interface ManagedFields {
  manager?: string;
  operation?: 'Apply' | 'Update';
  fieldsV1?: Record<string, unknown>;
}

export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: Metadata;
}

export interface KubeList<T> {
  items: T[];
}

/** What the API server says of a call that failed, and of a command that ended. */
export interface Status {
  status?: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    kind?: string;
    causes?: { reason?: string; message?: string; field?: string }[];
    retryAfterSeconds?: number;
  };
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface Node extends KubeObject {
  spec: {
    unschedulable?: boolean;
    podCIDR?: string;
    podCIDRs?: string[];
    taints?: { key: string; value?: string; effect: string }[];
  };
  status: {
    capacity?: Record<string, string>;
    allocatable?: Record<string, string>;
    addresses?: { type: string; address: string }[];
    conditions?: Condition[];
    nodeInfo?: {
      kernelVersion: string;
      osImage: string;
      kubeletVersion: string;
      containerRuntimeVersion: string;
      architecture: string;
    };
    images?: { names?: string[]; sizeBytes?: number }[];
  };
}

interface Terminated {
  exitCode: number;
  reason?: string;
  message?: string;
  finishedAt?: string;
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  started?: boolean;
  restartCount: number;
  image: string;
  state: {
    waiting?: { reason?: string; message?: string };
    running?: { startedAt: string };
    terminated?: Terminated;
  };
  lastState?: { terminated?: Terminated };
}

export interface PodSpec {
  nodeName?: string;
  hostNetwork?: boolean;
  securityContext?: { runAsUser?: number; runAsGroup?: number };
  containers: {
    name: string;
    image: string;
    securityContext?: { runAsUser?: number; runAsGroup?: number };
    resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
    volumeMounts?: VolumeMountSpec[];
  }[];
  volumes?: VolumeSpec[];
}

export interface VolumeMountSpec {
  name: string;
  mountPath: string;
  subPath?: string;
}

interface KeyToPath {
  key: string;
  path: string;
}

export interface VolumeSpec {
  name: string;
  secret?: { secretName: string; items?: KeyToPath[] };
  projected?: { sources?: { secret?: { name: string; items?: KeyToPath[] } }[] };
  hostPath?: { path: string };
  persistentVolumeClaim?: { claimName: string };
}

export interface Pod extends KubeObject {
  spec: PodSpec;
  status: {
    phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    reason?: string;
    message?: string;
    startTime?: string;
    podIP?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface PodTemplate {
  metadata?: Partial<Metadata>;
  spec: PodSpec;
}

/** A Deployment, StatefulSet or DaemonSet; each fills in its own part of the status. */
export interface WorkloadObject extends KubeObject {
  spec: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    template: PodTemplate;
    updateStrategy?: { type?: string };
    volumeClaimTemplates?: KubeObject[];
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    numberReady?: number;
    updatedNumberScheduled?: number;
    conditions?: Condition[];
  };
}

export interface JobObject extends KubeObject {
  spec: { backoffLimit?: number };
  status?: { active?: number; succeeded?: number; failed?: number; conditions?: Condition[] };
}

export interface ServiceObject extends KubeObject {
  spec: { type?: string; clusterIP?: string; externalIPs?: string[]; loadBalancerClass?: string };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

export interface ClaimObject extends KubeObject {
  spec: { storageClassName?: string; resources?: { requests?: { storage?: string } } };
}

export interface StorageClassObject extends KubeObject {
  allowVolumeExpansion?: boolean;
}

export interface SecretObject extends KubeObject {
  immutable?: boolean;
  /** Base64. */
  data?: Record<string, string>;
}

export interface EventObject extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject: { kind?: string; name?: string; uid?: string };
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

export function conditionOf(
  object: { status?: { conditions?: Condition[] } },
  type: string,
): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}
