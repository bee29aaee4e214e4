import { readDetection } from '../../../src/engine/detections.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Process } from '../../../src/model/workload.ts';
import type { ClusterApi } from '../api/client.ts';
import { mapBounded } from '../api/pool.ts';
import type { KubernetesSettings } from '../context.ts';
import { Label } from '../names.ts';
import { listPods } from '../observe/live.ts';
import { captureCommand } from '../pods/command.ts';
import { isRunning } from '../pods/find.ts';

/** What the processes found out about each node, asked of their pods; nothing where none runs yet. */
export async function readPodDetections(
  api: ClusterApi,
  settings: Pick<KubernetesSettings, 'cloud' | 'namespace'>,
  processes: readonly Process[],
): Promise<Finding[]> {
  const pods = (await listPods(api, settings)).filter(isRunning);
  const asked = processes.flatMap(({ name, detections = [] }) =>
    pods
      .filter(({ metadata }) => metadata.labels?.[Label.name] === name)
      .flatMap((pod) => detections.map((detection) => ({ pod, detection }))),
  );
  const findings = await mapBounded(asked, 8, ({ pod, detection }) =>
    readDetection(
      detection,
      (command, signal) => captureCommand(api, pod, command, { signal }),
      pod.spec.nodeName,
    ),
  );
  return findings.flat();
}
