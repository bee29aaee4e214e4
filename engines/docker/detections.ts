import type Docker from 'dockerode';
import { type Ask, readDetection } from '../../src/engine/detections.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Process } from '../../src/model/workload.ts';
import { Label } from './labels.ts';

/** What the processes found out about the machine, asked of their containers; nothing where none runs yet. */
export async function readDetections(
  processes: readonly Pick<Process, 'name' | 'detections'>[],
  running: readonly Pick<Docker.ContainerInfo, 'Id' | 'Labels'>[],
  askIn: (container: string) => Ask,
): Promise<Finding[]> {
  const asked = processes.flatMap(({ name, detections = [] }) =>
    running
      .filter(({ Labels }) => Labels[Label.process] === name)
      .flatMap(({ Id }) => detections.map((detection) => readDetection(detection, askIn(Id)))),
  );
  return (await Promise.all(asked)).flat();
}
