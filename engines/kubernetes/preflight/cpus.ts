import { formatCpuList, parseCpuList } from '../../../src/model/cpu-list.ts';
import type { CpuSet } from '../../../src/model/cpu-set.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Process } from '../../../src/model/workload.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Node } from '../api/objects.ts';
import { mapBounded } from '../api/pool.ts';
import { nodesOfRole } from '../observe/facts.ts';
import { coresOf } from '../observe/resources.ts';

const LIMIT_MS = 5_000;
/** Kubelets asked at the same time. */
const WIDTH = 8;

/** What a kubelet says of itself: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export interface KubeletCpus {
  cpuManagerPolicy?: string;
  reservedSystemCPUs?: string;
}

/** CPUs for what runs outside of containers, against what each of its nodes has, and gives to pods. */
export async function checkCpuSets(
  api: ClusterApi,
  nodes: readonly Node[],
  sets: readonly CpuSet[],
  processes: readonly Process[],
): Promise<Finding[]> {
  const given = sets.filter(({ cpus }) => cpus !== undefined);
  const placed = given.map((set) => {
    const roles = processes.find(({ name }) => name === set.process)?.on ?? [];
    return { set, on: new Set(roles.flatMap((role) => nodesOfRole(nodes, role))) };
  });
  const own = nodes.filter((node) => placed.some(({ on }) => on.has(node)));
  const findings = await mapBounded(own, WIDTH, async (node) => {
    const here = placed.filter(({ on }) => on.has(node)).map(({ set }) => set);
    return findOnNode(node, here, await readKubelet(api, node.metadata.name));
  });
  return findings.flat();
}

/** Undefined where it does not answer, or not to these credentials. */
async function readKubelet(api: ClusterApi, node: string): Promise<KubeletCpus | undefined> {
  try {
    const path = `/api/v1/nodes/${node}/proxy/configz`;
    const found = await api.request<{ kubeletconfig?: KubeletCpus }>('GET', path, {
      signal: timeLimit(LIMIT_MS),
    });
    return found.kubeletconfig;
  } catch {
    return undefined;
  }
}

/** Pure. How many CPUs a node has is known, and not their numbers: where some are switched off, there are higher ones. */
export function findOnNode(
  { metadata: { name }, status }: Node,
  sets: readonly CpuSet[],
  kubelet: KubeletCpus | undefined,
): Finding[] {
  const count = coresOf(status.capacity?.cpu) ?? Number.POSITIVE_INFINITY;
  const absent = sets.flatMap(({ path, cpus }): Finding[] => {
    const beyond = cpusOf(cpus).filter((cpu) => cpu >= count);
    if (beyond.length === 0) return [];
    return [
      {
        check: 'resources',
        level: 'warning',
        message: `${path.join('.')} has ${formatCpuList(beyond)}, and ${name} has ${count} CPUs: unless some are switched off, it runs no servers`,
        next: 'Set it to CPUs that all of its nodes have.',
      },
    ];
  });
  const reserved = new Set(cpusOf(kubelet?.reservedSystemCPUs));
  const open = sets.flatMap(({ cpus }) => cpusOf(cpus)).filter((cpu) => !reserved.has(cpu));
  if (kubelet?.cpuManagerPolicy !== 'static' || open.length === 0) return absent;
  const list = formatCpuList([...new Set(open)].sort((a, b) => a - b));
  return [
    ...absent,
    {
      check: 'resources',
      level: 'warning',
      message: `the kubelet of ${name} may give pods CPUs of their own out of ${list}, which ${sets.map(({ path }) => path.join('.')).join(' and ')} ${sets.length === 1 ? 'has' : 'have'} for servers`,
      next: 'Add them to its reservedSystemCPUs.',
    },
  ];
}

function cpusOf(list: string | undefined): number[] {
  return parseCpuList(list ?? '') ?? [];
}
