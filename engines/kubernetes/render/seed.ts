import type { V1Pod, V1Volume } from '../api/library.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { nodePodName, nodePodSpec } from './node-pod.ts';
import { desiredObject, type Manifest, sharedLabels } from './object.ts';
import { CONTAINER } from './security.ts';

/** Longest life of the pod, in seconds: for when nobody is left to remove it. */
const SECONDS = 900;
/** Where the pod has the node's root directory. */
export const NODE_ROOT = '/host';

export interface SeedPodInput {
  cloud: string;
  namespace: string;
  node: string;
  /** Any image that the node has: nothing in it is used. */
  image: string;
  /** As Kubernetes names it: amd64, arm64. */
  architecture: string;
}

/**
 * A pod in which the node's own programs run, for loading an image into the node's container runtime. It needs no
 * image of its own: on a node that reaches no registry there is nothing but what its own pods run, and often that is
 * no more than the one that holds their namespaces. Where the node has no such programs it does not start, and changes
 * nothing: the directories must be there.
 */
export function renderSeedPod({ cloud, namespace, node, image, architecture }: SeedPodInput): DesiredObject {
  // Of 64-bit Intel the loader of dynamic programs is in a directory that others may not have.
  const programs = ['/bin', '/lib', '/usr', ...(architecture === 'amd64' ? ['/lib64'] : [])];
  const mounts = [...programs.map((path) => ({ path, at: path })), { path: '/', at: NODE_ROOT }];
  const manifest: V1Pod & Manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: nodePodName('seed', node), namespace, labels: sharedLabels(cloud) },
    spec: {
      ...nodePodSpec(node, SECONDS),
      securityContext: {
        seccompProfile: { type: 'RuntimeDefault' },
        // Where SELinux is in force, files of the node are closed to other types. Elsewhere it is ignored.
        seLinuxOptions: { type: 'spc_t' },
      },
      containers: [
        {
          name: CONTAINER,
          image,
          imagePullPolicy: 'Never',
          command: ['/bin/sleep', String(SECONDS)],
          securityContext: {
            runAsUser: 0,
            runAsGroup: 0,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'], add: ['SYS_CHROOT'] },
          },
          resources: { requests: { cpu: '10m', memory: '16Mi' } },
          volumeMounts: mounts.map(({ path, at }) => ({
            name: nameOf(path),
            mountPath: at,
            readOnly: path !== '/',
          })),
        },
      ],
      volumes: mounts.map(
        ({ path }): V1Volume => ({ name: nameOf(path), hostPath: { path, type: 'Directory' } }),
      ),
    },
  };
  return desiredObject(manifest);
}

function nameOf(path: string): string {
  return path === '/' ? 'root' : path.slice(1);
}

/**
 * Loads an image from a compressed archive on standard input, with the node's own programs; the first argument is the
 * runtime that the node names. Distributions of Kubernetes that bring a containerd of their own also have it listen
 * at a place of its own: that one is the kubelet's where there are several. Fails with 127 where the node has no
 * program for it.
 */
export const loadScript = `
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin:/var/lib/rancher/rke2/bin; export PATH
case "$1" in
containerd)
  for socket in /run/k3s/containerd/containerd.sock /run/k0s/containerd.sock \\
    /var/snap/microk8s/common/run/containerd.sock /run/containerd/containerd.sock
  do
    [ -S "$socket" ] || continue
    for tool in ctr 'k3s ctr' 'k0s ctr' /snap/microk8s/current/bin/ctr; do
      command -v "\${tool%% *}" > /dev/null || continue
      CONTAINERD_ADDRESS=$socket; export CONTAINERD_ADDRESS
      gzip -dc | $tool --namespace k8s.io images import -
      exit
    done
  done ;;
docker)
  command -v docker > /dev/null && { gzip -dc | docker load; exit; } ;;
esac
echo "it has no program that loads images into its container runtime"
exit 127`;
