import { GantryError } from '../../../src/errors.ts';
import type { ClusterApi } from '../api/client.ts';
import { clusterFailure } from '../api/failure.ts';
import type { Node, Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import { isLost, isReady } from '../observe/facts.ts';

/** Tells pods on nodes that are lost: nothing can be asked of them, and none of them ends before its node is back. */
export function lostAmong(nodes: readonly Node[]): (pod: Pod) => boolean {
  const lost = new Set(nodes.filter(isLost).map(({ metadata }) => metadata.name));
  return ({ spec }) => spec.nodeName !== undefined && lost.has(spec.nodeName);
}

/** The error of a command that could not be run in a pod: `node.lost` where it is the pod's node that is gone. */
export async function commandFailure(
  api: ClusterApi,
  { metadata, spec }: Pod,
  program: string,
  thrown: unknown,
): Promise<unknown> {
  const process = metadata.labels?.[Label.name] ?? metadata.name;
  const node = await api.request<Node>('GET', `/api/v1/nodes/${spec.nodeName}`).catch(() => undefined);
  if (!node || isReady(node)) return clusterFailure(`${program} could not be run in ${process}`, thrown);
  return new GantryError({
    code: 'node.lost',
    whose: 'environment',
    message: `${process} is on the node ${spec.nodeName}, which does not answer`,
    next: 'What has no data of its own starts on another node within a minute: try again. "gantry node list" shows which nodes are ready.',
    cause: thrown,
  });
}
