import { GantryError } from '../../../src/errors.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { V1Pod } from '../api/library.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import type { ClusterFacts } from './cluster.ts';
import { nodePodName, nodePodSpec } from './node-pod.ts';
import { desiredObject, imageOf, type Manifest, sharedLabels } from './object.ts';
import { CONTAINER } from './security.ts';
import { NODE_RUN, NODE_STATE, nodePaths, onNode } from './volumes.ts';

/** Longest time that removing the directories may take. */
const SECONDS = 120;

/** Removes the paths, and what is empty then of the cloud. */
const REMOVE = `rm -rf --one-file-system "$@"
for left in ${[NODE_STATE, NODE_RUN].map((path) => `"/mnt${path}/$0"`).join(' ')}; do
  [ ! -d "$left" ] || rmdir --ignore-fail-on-non-empty "$left"
done`;

/**
 * A pod that removes what the cloud kept on a node, once nothing of it runs there but processes that stay, which keep
 * theirs. Its image is one that the node has, and it is put on the node directly, so that it runs wherever the cloud did.
 */
export function renderCleanPod(
  node: string,
  desired: Desired,
  cluster: ClusterFacts,
  staying: ReadonlySet<string> = new Set(),
): DesiredObject {
  const input = { desired, cluster };
  const leaving = desired.processes.filter(({ name }) => !staying.has(name));
  const keeper = leaving.find(({ volumes }) => volumes.some(onNode));
  if (!keeper) {
    throw new GantryError({
      code: 'node.nothing-kept',
      whose: 'bug',
      message: `No process keeps anything on ${node}`,
    });
  }
  const directories = [NODE_STATE, NODE_RUN];
  const kept =
    staying.size > 0
      ? nodePaths(desired.cloud, leaving)
      : directories.map((path) => `${path}/${desired.cloud}`);
  const manifest: V1Pod & Manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: nodePodName('clean', node),
      namespace: cluster.namespace,
      labels: sharedLabels(desired.cloud),
    },
    spec: {
      ...nodePodSpec(node, SECONDS),
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: CONTAINER,
          image: imageOf(input, keeper),
          imagePullPolicy: 'IfNotPresent',
          args: ['sh', '-euc', REMOVE, desired.cloud, ...kept.map((path) => `/mnt${path}`)],
          securityContext: {
            runAsUser: 0,
            runAsGroup: 0,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'], add: ['DAC_OVERRIDE', 'FOWNER'] },
          },
          resources: { requests: { cpu: '10m', memory: '16Mi' } },
          terminationMessagePolicy: 'FallbackToLogsOnError',
          volumeMounts: directories.map((path) => ({ name: nameOf(path), mountPath: `/mnt${path}` })),
        },
      ],
      volumes: directories.map((path) => ({
        name: nameOf(path),
        hostPath: { path, type: 'DirectoryOrCreate' },
      })),
    },
  };
  return desiredObject(manifest);
}

function nameOf(path: string): string {
  return path.slice(1).replaceAll('/', '-');
}
