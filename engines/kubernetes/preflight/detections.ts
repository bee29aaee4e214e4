import type { Finding } from '../../../src/model/finding.ts';
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

/** What processes found out about their node when they started, and how to ask them. */
const detections = [
  {
    process: 'openvswitch',
    check: 'datapath',
    command: ['ovs-vsctl', '--timeout=3', 'get', 'bridge', 'br-int', 'datapath_type'],
    choices: { system: 'datapath in the kernel', netdev: 'datapath in user space, which is slower' },
  },
] as const;

/** Kernel of each node as the cloud's own pods found them; nothing where none runs yet. */
export async function readPodDetections(
  api: ClusterApi,
  settings: Pick<KubernetesSettings, 'cloud' | 'namespace'>,
): Promise<Finding[]> {
  const pods = (await listPods(api, settings)).filter(isRunning);
  const asked = detections.flatMap((detection) =>
    pods
      .filter(({ metadata }) => metadata.labels?.[Label.name] === detection.process)
      .map((pod) => ({ pod, detection })),
  );
  const findings = await mapBounded(asked, 8, ({ pod, detection }) => ask(api, pod, detection));
  return findings.flat();
}

async function ask(api: ClusterApi, pod: Pod, detection: (typeof detections)[number]): Promise<Finding[]> {
  const { check, command, choices } = detection;
  try {
    const signal = timeLimit(LIMIT);
    const { exitCode, output } = await captureCommand(api, pod, [...command], { signal });
    const answer = output.trim().replaceAll('"', '');
    if (exitCode !== 0 || answer === '') return [];
    const choice = (choices as Record<string, string>)[answer] ?? answer;
    return [
      { check: `${check}: ${pod.spec.nodeName}`, level: 'ok', message: 'found out on the node', choice },
    ];
  } catch {
    // A pod that does not answer is shown by `status`; it is no reason not to bring the cloud up.
    return [];
  }
}
