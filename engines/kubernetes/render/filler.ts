import { posix } from 'node:path';
import type { Workload } from '../../../src/model/workload.ts';
import type { V1Container } from '../api/library.ts';
import { imageOf, type RenderInput } from './object.ts';
import { onNode } from './volumes.ts';

const TARGET = '/mnt/volumes';

/**
 * An empty directory of the node gets what the image has at its place, owner and mode included, as a new volume of the
 * first engine does. One pod of a node at a time, since several share such directories.
 */
const script = `for path in "$@"; do
  target=${TARGET}$path
  exec 9<"$target"
  flock --timeout 120 9 || { echo "another pod has held $path for 2 minutes"; exit 1; }
  if [ -d "$path" ] && [ -z "$(ls -A "$target")" ]; then cp -a "$path/." "$target/"; fi
done`;

/** Undefined where the workload has nothing on the node itself. */
export function renderVolumeFiller(input: RenderInput, workload: Workload): V1Container | undefined {
  const kept = workload.volumes.filter(onNode);
  if (kept.length === 0) return undefined;
  return {
    name: 'fill-volumes',
    image: imageOf(input, workload),
    imagePullPolicy: 'IfNotPresent',
    args: ['bash', '-euc', script, 'fill-volumes', ...kept.map(({ path }) => path)],
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] },
    },
    resources: renderInitResources(workload),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: kept.map(({ volume, path }) => ({
      name: volume,
      mountPath: posix.join(TARGET, path),
    })),
  };
}

/** The QoS class of a pod is decided by all of its containers; copying needs a little more than it requests. */
export function renderInitResources({ resources }: Workload): V1Container['resources'] & object {
  if (!resources.guaranteed) return { requests: { cpu: '10m', memory: '16Mi' } };
  const limits = { cpu: '100m', memory: '64Mi' };
  return { requests: limits, limits };
}
