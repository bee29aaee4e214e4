import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CoreV1Api,
  type KubeConfig,
  StorageV1Api,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
  type V1StorageClass,
} from '@kubernetes/client-node';

/** Provisioner of both storage classes. */
export const provisioner = 'gantry/directories';
/** Where all nodes and this program see the same directories. */
const root = '/srv/storage';

/** The scheduler's choice for a claim that waits for its first consumer. */
const selectedNode = 'volume.kubernetes.io/selected-node';
/** Set by the controller that binds claims once it wants a volume. */
const wanted = 'volume.beta.kubernetes.io/storage-provisioner';

/**
 * Gives each claim of its classes a directory: one that counts as a disk of the chosen node, or, where the class
 * has the parameter `shared`, one that every node has. Directories of released volumes are deleted with them.
 */
export class Storage {
  private readonly core: CoreV1Api;
  private readonly classes: StorageV1Api;

  constructor(kubeconfig: KubeConfig) {
    this.core = kubeconfig.makeApiClient(CoreV1Api);
    this.classes = kubeconfig.makeApiClient(StorageV1Api);
  }

  /** Makes the volume that a claim waits for; does nothing for one that is bound or not yet ours to serve. */
  async provide(claim: V1PersistentVolumeClaim): Promise<void> {
    const { annotations = {}, uid, namespace, name } = claim.metadata ?? {};
    if (annotations[wanted] !== provisioner || claim.spec?.volumeName) return;
    const kind = await this.classes.readStorageClass({ name: claim.spec?.storageClassName ?? '' });
    const shared = kind.parameters?.shared === 'true';
    const node = annotations[selectedNode];
    if (!shared && !node) return;
    const directory = join(root, shared ? 'shared' : (node ?? ''), `${namespace}-${name}-${uid}`);
    await mkdir(directory, { recursive: true });
    try {
      await this.core.createPersistentVolume({
        body: volumeFor(claim, kind, directory, shared ? undefined : node),
      });
    } catch (thrown) {
      if ((thrown as { code?: number }).code !== 409) throw thrown;
    }
  }

  async reclaim(volume: V1PersistentVolume): Promise<void> {
    const { spec, status, metadata } = volume;
    if (metadata?.annotations?.['pv.kubernetes.io/provisioned-by'] !== provisioner) return;
    if (status?.phase !== 'Released' || spec?.persistentVolumeReclaimPolicy !== 'Delete') return;
    const path = spec.local?.path ?? '';
    if (path.startsWith(`${root}/`)) await rm(path, { recursive: true, force: true });
    await this.core
      .deletePersistentVolume({ name: metadata.name ?? '' })
      .catch((thrown: { code?: number }) => {
        if (thrown.code !== 404) throw thrown;
      });
  }
}

function volumeFor(
  claim: V1PersistentVolumeClaim,
  kind: V1StorageClass,
  path: string,
  node: string | undefined,
): V1PersistentVolume {
  const { uid, namespace, name } = claim.metadata ?? {};
  const host = 'kubernetes.io/hostname';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: {
      accessModes: claim.spec?.accessModes ?? [],
      capacity: { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', uid, namespace, name },
      storageClassName: kind.metadata?.name ?? '',
      persistentVolumeReclaimPolicy: kind.reclaimPolicy ?? 'Delete',
      volumeMode: 'Filesystem',
      // A directory of the node's: unlike hostPath it takes the pod's group as its owner.
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                node === undefined
                  ? { key: host, operator: 'Exists' }
                  : { key: host, operator: 'In', values: [node] },
              ],
            },
          ],
        },
      },
    },
  };
}
