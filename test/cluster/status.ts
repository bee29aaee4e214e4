import { CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { formatTable } from '../../src/cli/table.ts';
import { isReady } from './api.ts';
import { type ClusterContext, requireCluster } from './cluster.ts';
import { listContainers } from './containers.ts';
import { readExternal } from './networks.ts';
import { addresses, apiServer, registryName } from './settings.ts';

/** Containers, nodes and pods of the cluster as text for a person. Throws `cluster.down` where there is none. */
export async function describeStatus(context: ClusterContext): Promise<string> {
  const { kubeconfig } = requireCluster(context);
  const core = kubeconfig.makeApiClient(CoreV1Api);
  const [containers, nodes, pods] = await Promise.all([
    listContainers(context.docker),
    core.listNode(),
    core.listPodForAllNamespaces(),
  ]);
  const machines = [...containers].map(([name, { Status, NetworkSettings }]) => {
    const node = nodes.items.find(({ metadata }) => metadata?.name === name);
    const address = Object.values(NetworkSettings.Networks)
      .map(({ IPAddress }) => IPAddress)
      .find((ip) => ip.startsWith(addresses.network.split('.').slice(0, 3).join('.')));
    return [name, Status, address ?? '', node ? (isReady(node) ? 'Ready' : 'NotReady') : ''];
  });
  const rows = pods.items.map((pod) => [
    `${pod.metadata?.namespace}/${pod.metadata?.name}`,
    stateOf(pod),
    pod.spec?.nodeName ?? '',
    pod.status?.podIP ?? '',
  ]);
  return [
    `kubeconfig  ${context.paths.kubeconfig}`,
    `API server  ${apiServer}`,
    `registry    ${registryName}`,
    `external    ${await readExternal(context.docker)} at ext0 of every node`,
    '',
    formatTable(['CONTAINER', 'STATE', 'ADDRESS', 'NODE'], machines),
    ...(rows.length > 0 ? ['', formatTable(['POD', 'STATE', 'NODE', 'ADDRESS'], rows)] : []),
  ].join('\n');
}

function stateOf({ status }: V1Pod): string {
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
  return waiting?.reason ?? status?.phase ?? '';
}
