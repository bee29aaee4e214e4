import type { ClusterApi } from '../api/client.ts';
import type { KubeList, Node } from '../api/objects.ts';
import { leftBehind } from '../names.ts';
import { rolesOf } from './facts.ts';

export async function readNodes(api: ClusterApi): Promise<Node[]> {
  return (await api.request<KubeList<Node>>('GET', '/api/v1/nodes')).items;
}

/** Names of the nodes without a role that are marked as keeping something of a cloud. */
export function keepingNodes(nodes: readonly Node[], cloud: string): string[] {
  return nodes
    .filter(
      (node) => rolesOf(node).length === 0 && node.metadata.annotations?.[leftBehind(cloud)] !== undefined,
    )
    .map(({ metadata }) => metadata.name)
    .sort();
}
