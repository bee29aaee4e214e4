import { GantryError } from '../../../src/errors.ts';
import type { HostMount, Process, VolumeMount, Workload } from '../../../src/model/workload.ts';
import type { V1PersistentVolumeClaim, V1Volume } from '../api/library.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import type { ClusterFacts } from './cluster.ts';
import { configVolume } from './config.ts';
import { deviceVolumes } from './devices.ts';
import type { Mounted } from './mounted.ts';
import { desiredObject, type Manifest, type RenderInput, sharedLabels } from './object.ts';

/** Where a cloud keeps, on a node itself, what outlives pods; and what outlives pods but not a restart of the node. */
export const NODE_STATE = '/var/lib/gantry';
export const NODE_RUN = '/run/gantry';

/** All volumes of a pod but the claims of its own, and where its container mounts them. */
export function renderVolumes(cloud: string, workload: Workload): Mounted[] {
  const config = configVolume(workload);
  return [
    ...(config ? [config] : []),
    ...workload.volumes.map((mount) => mounted(cloud, mount)),
    ...workload.tmpfs.map(memoryBacked),
    ...(workload.scratch ?? []).map(onDisk),
    ...workload.hostMounts.map(hostDirectory),
    ...(workload.needs.hostCgroup ? [cgroups] : []),
    ...deviceVolumes(workload),
  ];
}

/** The node's own hierarchy hides the one that the runtime would mount read-only. */
const cgroups: Mounted = {
  volume: { name: 'cgroups', hostPath: { path: '/sys/fs/cgroup', type: 'Directory' } },
  mount: { name: 'cgroups', mountPath: '/sys/fs/cgroup' },
};

export function isOwn({ scope = 'instance' }: VolumeMount): boolean {
  return scope === 'instance';
}

export function onNode({ scope }: VolumeMount): boolean {
  return scope === 'node';
}

/** Claims of the data that instances of several workloads share. */
export function renderSharedClaims({ desired, cluster }: RenderInput): DesiredObject[] {
  const workloads = [...desired.processes, ...desired.jobs];
  const shared = workloads.flatMap((one) =>
    one.volumes.filter((mount) => mount.scope === 'shared' && !mount.export),
  );
  const byName = new Map(shared.map((mount) => [mount.volume, mount]));
  return [...byName.values()].map((mount) => {
    const manifest: V1PersistentVolumeClaim & Manifest = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: mount.volume,
        namespace: cluster.namespace,
        labels: sharedLabels(desired.cloud),
      },
      spec: claim(cluster, mount),
    };
    return desiredObject(manifest);
  });
}

/** What a claim asks for. Without a class for sharing, all pods that mount it are put where the volume is. */
export function claim(cluster: ClusterFacts, { volume, scope, sizeGiB = 1 }: VolumeMount) {
  const manyNodes = scope === 'shared' && cluster.sharedStorageClass !== undefined;
  const storageClass = manyNodes ? cluster.sharedStorageClass : cluster.storageClass;
  return {
    accessModes: [manyNodes ? 'ReadWriteMany' : 'ReadWriteOnce'],
    resources: { requests: { storage: cluster.volumeSizes[volume] ?? `${sizeGiB}Gi` } },
    ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
  };
}

function mounted(cloud: string, mount: VolumeMount): Mounted {
  const { volume: name, path, readOnly } = mount;
  const [server = '', exported = ''] = mount.export?.split(':') ?? [];
  const volume: V1Volume = mount.export
    ? { name, nfs: { server, path: exported } }
    : onNode(mount)
      ? { name, hostPath: { path: nodePath(cloud, mount), type: 'DirectoryOrCreate' } }
      : { name, persistentVolumeClaim: { claimName: name } };
  return { volume, mount: { name, mountPath: path, ...(readOnly ? { readOnly } : {}) } };
}

/** Sockets and the like do not outlive the node's own processes: they are where a restart of it removes them. */
function nodePath(cloud: string, { volume, path }: VolumeMount): string {
  return `${path.startsWith('/run/') ? NODE_RUN : NODE_STATE}/${cloud}/${volume}`;
}

/** Where these processes keep data on a node. */
export function nodePaths(cloud: string, processes: readonly Process[]): string[] {
  const mounts = processes.flatMap(({ volumes }) => volumes.filter(onNode));
  return [...new Set(mounts.map((mount) => nodePath(cloud, mount)))].sort();
}

/** The kubelet makes it writable for all, and of the pod's group. */
function memoryBacked(path: string): Mounted {
  const name = `memory${path.replaceAll('/', '-')}`;
  return { volume: { name, emptyDir: { medium: 'Memory' } }, mount: { name, mountPath: path } };
}

function onDisk(path: string): Mounted {
  const name = `scratch${path.replaceAll('/', '-')}`;
  return { volume: { name, emptyDir: {} }, mount: { name, mountPath: path } };
}

function hostDirectory({ hostPath, path, readOnly, propagation }: HostMount): Mounted {
  if (propagation === 'shared') {
    throw new GantryError({
      code: 'process.shared-propagation',
      whose: 'bug',
      message: `${hostPath} cannot be mounted with shared propagation on Kubernetes`,
      why: 'It allows that to privileged containers only, and nothing here is privileged.',
    });
  }
  const name = `host${hostPath.replaceAll('/', '-')}`;
  return {
    volume: { name, hostPath: { path: hostPath, type: 'Directory' } },
    mount: {
      name,
      mountPath: path,
      ...(readOnly ? { readOnly } : {}),
      ...(propagation === 'slave' ? { mountPropagation: 'HostToContainer' } : {}),
    },
  };
}
