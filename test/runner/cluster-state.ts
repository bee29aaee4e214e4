import { createClusterApi } from '../../engines/kubernetes/api/client.ts';
import { loadKubeConfig } from '../../engines/kubernetes/api/kubeconfig.ts';
import type { KubeObject } from '../../engines/kubernetes/api/objects.ts';
import { isReady, isSchedulable, rolesOf } from '../../engines/kubernetes/observe/facts.ts';
import { readNodes } from '../../engines/kubernetes/observe/nodes.ts';

/** What belongs to no namespace, so that no removal of one takes it along. */
const kinds = {
  namespace: '/api/v1/namespaces',
  volume: '/api/v1/persistentvolumes',
  'storage class': '/apis/storage.k8s.io/v1/storageclasses',
  'cluster role': '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  'cluster role binding': '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** What suites can leave on a cluster, a line each: nodes as they are, and the names of what is in no namespace. */
export async function readClusterState(kubeconfig: string): Promise<string[]> {
  const api = createClusterApi(await loadKubeConfig({ ...process.env, KUBECONFIG: kubeconfig }, undefined));
  try {
    const nodes = (await readNodes(api)).map((node) => {
      const state = [isReady(node) ? 'ready' : 'not ready', isSchedulable(node) ? '' : 'unschedulable'];
      return ['node', node.metadata.name, ...state, ...rolesOf(node)].filter(Boolean).join(' ');
    });
    const others = await Promise.all(
      Object.entries(kinds).map(async ([kind, path]) => {
        const { items } = await api.request<{ items: KubeObject[] }>('GET', path);
        return items.map(({ metadata }) => `${kind} ${metadata.name}`);
      }),
    );
    return [...nodes, ...others.flat()].sort();
  } finally {
    api.close();
  }
}

/** What was added and what is missing, with a sign before each; nothing where both are alike. */
export function differences(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}
