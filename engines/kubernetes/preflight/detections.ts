import type { Finding } from '../../../src/model/finding.ts';
import type { Detection, Process } from '../../../src/model/workload.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import type { KubernetesSettings } from '../context.ts';
import { Label } from '../names.ts';
import { listPods } from '../observe/live.ts';
import { captureCommand } from '../pods/command.ts';
import { isRunning } from '../pods/find.ts';

/** Longest time that one pod may take to answer, in milliseconds. */
const LIMIT = 5_000;

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
  const findings = await mapBounded(asked, 8, ({ pod, detection }) => ask(api, pod, detection));
  return findings.flat();
}

async function ask(api: ClusterApi, pod: Pod, detection: Detection): Promise<Finding[]> {
  const { check, command, choices } = detection;
  try {
    const signal = timeLimit(LIMIT);
    const { exitCode, output } = await captureCommand(api, pod, command, { signal });
    const answer = output.trim().replaceAll('"', '');
    if (exitCode !== 0 || answer === '') return [];
    const choice = choices[answer] ?? answer;
    return [
      { check: `${check}: ${pod.spec.nodeName}`, level: 'ok', message: 'found out on the node', choice },
    ];
  } catch {
    // A pod that does not answer is shown by `status`; it is no reason not to bring the cloud up.
    return [];
  }
}
