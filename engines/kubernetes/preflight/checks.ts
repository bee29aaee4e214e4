import { nearestName } from '../../../src/config/nearest.ts';
import { overlaps } from '../../../src/model/cidr.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { type NodeRole, nodeRoles, roleTraits, usualRoles } from '../../../src/model/node-role.ts';
import type { Process, Workload } from '../../../src/model/workload.ts';
import type { KubeObject, Node, Pod } from '../api/objects.ts';
import type { FrontDoor } from '../context.ts';
import { Label } from '../names.ts';
import { howToSeed, runtimeOf } from '../nodes/seeds.ts';
import { isReady, isSchedulable, nodesOfRole, rolesOf } from '../observe/facts.ts';
import { withheldDevices } from '../render/devices.ts';
import { HOSTNAME_LABEL } from '../render/placement.ts';

/** The oldest version that this is tested with; server-side apply and all kinds are stable in it. */
const OLDEST_MINOR = 20;

export function checkVersion(
  version: { major: string; minor: string; gitVersion: string },
  where: string,
): Finding {
  const minor = Number.parseInt(version.minor, 10);
  const message = `Kubernetes ${version.gitVersion} ${where}`;
  if (Number(version.major) > 1 || minor >= OLDEST_MINOR) return { check: 'cluster', level: 'ok', message };
  return {
    check: 'cluster',
    level: 'error',
    message: `${message} is too old`,
    next: `Upgrade the cluster to 1.${OLDEST_MINOR} or newer.`,
  };
}

/** Roles of nodes: whether there are any, and whether each that is needed, or that a node has, is there. */
export function checkRoles(nodes: readonly Node[], needed: ReadonlySet<NodeRole>): Finding[] {
  const unlabelled = nodes.every((node) => rolesOf(node).length === 0);
  if (unlabelled) {
    const names = nodes.filter(isSchedulable).map(({ metadata }) => metadata.name);
    if (names.length > 0) {
      return [
        {
          check: 'roles',
          level: 'ok',
          message: 'no node has a role yet',
          choice: `${names.join(', ')}: ${usualRoles.join(', ')}`,
        },
      ];
    }
    return [
      {
        check: 'roles',
        level: 'error',
        message: 'no node of the cluster takes pods, and none has a role',
        next: 'Add a node, or give one a role: `gantry label-nodes NODE`.',
      },
    ];
  }
  return nodeRoles
    .filter((role) => needed.has(role) || nodesOfRole(nodes, role).length > 0)
    .map((role): Finding => {
      const check = `role: ${role}`;
      const own = nodesOfRole(nodes, role);
      const well = own.filter(isReady);
      const message = own.map(({ metadata }) => metadata.name).join(', ');
      if (well.length > 0) return { check, level: 'ok', message };
      return {
        check,
        level: role === 'control' ? 'error' : 'warning',
        message: own.length > 0 ? `${message}: not ready` : 'no node has it',
        next: `Give it to a node: \`gantry label-nodes --role ${role} NODE\`, or the label ${roleTraits[role].label}.`,
      };
    });
}

/** Nodes that devices are said to be on. */
export function checkDeviceNodes(nodes: readonly Node[], processes: readonly Process[]): Finding[] {
  const names = nodes.flatMap(({ metadata }) => metadata.labels?.[HOSTNAME_LABEL] ?? []);
  const wanted = processes.flatMap(({ node, instanceOf: of }) =>
    node !== undefined && of ? [{ node, of }] : [],
  );
  const absent = new Map(wanted.filter(({ node }) => !names.includes(node)).map((one) => [one.node, one.of]));
  return [...absent].map(([node, process]): Finding => {
    const nearest = nearestName(node, names);
    return {
      check: 'devices',
      level: 'error',
      message: `no node has the label ${HOSTNAME_LABEL}=${node}, and ${process} is to have a device of it`,
      next: nearest ? `Did you mean ${nearest}?` : `There are ${names.join(', ')}.`,
    };
  });
}

/** Optional devices that processes do without, though a node may have them. */
export function checkWithheldDevices(workloads: readonly Workload[]): Finding[] {
  return workloads.flatMap((workload) =>
    withheldDevices(workload).map(
      (device): Finding => ({
        check: `device: ${device}`,
        level: 'warning',
        message: `${workload.name} is not given it, whether a node has it or not: Kubernetes allows it only to what leaves its container's cgroup`,
      }),
    ),
  );
}

/** What each node says of itself. Whether its kernel and processors fit is found out by the pods that use them. */
export function checkNodes(nodes: readonly Node[]): Finding[] {
  return nodes.map((node): Finding => {
    const { kernelVersion, osImage, kubeletVersion, containerRuntimeVersion } = node.status.nodeInfo ?? {};
    const check = `node: ${node.metadata.name}`;
    const message = `Linux ${kernelVersion}, ${osImage}, kubelet ${kubeletVersion}, ${containerRuntimeVersion}`;
    if (!isReady(node)) {
      const condition = node.status.conditions?.find(({ type }) => type === 'Ready');
      const why = condition?.message ?? 'its kubelet does not report';
      return {
        check,
        level: 'warning',
        message: `not ready: ${why}`,
        next: `\`kubectl describe node ${node.metadata.name}\` shows more.`,
      };
    }
    return { check, level: 'ok', message };
  });
}

interface StorageClass extends KubeObject {
  provisioner: string;
}

const defaultAnnotation = 'storageclass.kubernetes.io/is-default-class';

/** Classes named in cloud.yaml exist; without one the cluster has a default. */
export function checkStorage(
  classes: readonly StorageClass[],
  {
    storageClass,
    sharedStorageClass,
  }: { storageClass: string | undefined; sharedStorageClass: string | undefined },
): Finding[] {
  const names = classes.map(({ metadata }) => metadata.name).sort();
  const findings: Finding[] = [];
  const standard = classes.find(({ metadata }) => metadata.annotations?.[defaultAnnotation] === 'true');
  if (storageClass !== undefined) findings.push(checkClass('storageClass', storageClass, names));
  else if (standard) {
    findings.push({ check: 'storage', level: 'ok', message: `${standard.metadata.name}, the default class` });
  } else {
    findings.push({
      check: 'storage',
      level: 'error',
      message: 'the cluster has no default storage class, and cloud.yaml names none',
      next: `Set kubernetes.storageClass${names.length > 0 ? ` to one of ${names.join(', ')}` : '; the cluster has none yet'}.`,
    });
  }
  if (sharedStorageClass !== undefined) {
    findings.push(checkClass('sharedStorageClass', sharedStorageClass, names));
  }
  return findings;
}

function checkClass(key: string, wanted: string, names: string[]): Finding {
  const check = `storage: ${key}`;
  if (names.includes(wanted)) return { check, level: 'ok', message: wanted };
  const nearest = nearestName(wanted, names);
  return {
    check,
    level: 'error',
    message: `the cluster has no storage class ${wanted}`,
    next:
      names.length > 0
        ? `${nearest ? `Did you mean ${nearest}? ` : ''}There are ${names.join(', ')}.`
        : 'The cluster has none; install a provisioner.',
  };
}

/** `podRanges` are those of the nodes' pods; a cloud's own ranges must not be among them. */
export function checkRanges(
  ranges: readonly { name: string; subnet: string }[],
  podRanges: readonly string[],
): Finding[] {
  const ipv4 = podRanges.filter((range) => !range.includes(':'));
  return ranges.map(({ name, subnet }): Finding => {
    const check = `range: ${name}`;
    const taken = ipv4.find((range) => overlaps(range, subnet));
    if (!taken) return { check, level: 'ok', message: subnet };
    return {
      check,
      level: 'error',
      message: `${subnet} collides with the cluster's pods, which have ${taken}`,
      next: 'Choose another range under `network:` in cloud.yaml.',
    };
  });
}

/** Two clouds cannot share a node's network: each brings an Open vSwitch and its bridges. */
export function checkOtherClouds(cloud: string, pods: readonly Pod[]): Finding[] {
  const others = pods
    .filter(({ spec }) => spec.hostNetwork)
    .map(({ metadata }) => metadata.labels?.[Label.cloud]);
  return [...new Set(others)]
    .filter((name): name is string => name !== undefined && name !== cloud)
    .sort()
    .map((name) => ({
      check: 'other clouds',
      level: 'error',
      message: `the cloud ${name} runs on this cluster already, and its networks are the nodes' own`,
      next: `Take it down first: \`gantry --name ${name} down\`.`,
    }));
}

/** Whether nodes that lack the image of the registry inside the cluster can be given it. */
export function checkSeeds(lacking: readonly Node[]): Finding {
  const check = 'registry';
  const runtimeless = lacking.filter((node) => runtimeOf(node) === undefined);
  const [first] = runtimeless;
  if (!first) {
    const names = lacking.map(({ metadata }) => metadata.name).join(', ');
    const given = names === '' ? 'every node has its image' : `${names}: \`up\` loads its image there`;
    return { check, level: 'ok', message: `inside the cluster; ${given}` };
  }
  const names = runtimeless.map(({ metadata }) => metadata.name).join(', ');
  return {
    check,
    level: 'error',
    message: `${names}: the image of the registry inside the cluster cannot be loaded into ${first.status.nodeInfo?.containerRuntimeVersion ?? 'an unknown runtime'} from here`,
    next: howToSeed(first),
  };
}

/**
 * In IPVS mode kube-proxy gives every node the external addresses of services. Those of the front door are nodes' own:
 * the other nodes would no longer reach these nodes, nor an API server there.
 * https://github.com/kubernetes/kubernetes/issues/127410
 */
export function checkProxyMode(kubeProxyConfig: string | undefined, kind: FrontDoor): Finding[] {
  const mode = /^mode:[ \t]*["']?(\w+)/m.exec(kubeProxyConfig ?? '')?.[1];
  if (mode !== 'ipvs' || kind === 'loadBalancer') return [];
  return [
    {
      check: 'kube-proxy',
      level: 'error',
      message: 'in its mode ipvs, nodes would lose each other: the front door has addresses of nodes',
      next: 'Set kubernetes.frontDoor to loadBalancer in cloud.yaml, or run kube-proxy in another mode.',
    },
  ];
}

/**
 * Whether the front door's address is one that this cluster answers at, and in which way.
 * @param asked what cloud.yaml says
 * @param best what it would be where cloud.yaml said nothing
 */
export function checkFrontDoor(
  { publicAddress }: Pick<Desired, 'publicAddress'>,
  addresses: readonly string[],
  { asked: kind, best }: { asked: FrontDoor; best: FrontDoor },
): Finding {
  const check = 'front door';
  if (kind === 'externalIPs' && best !== kind) {
    return {
      check,
      level: 'warning',
      message: `${addresses.join(', ')} by externalIPs, which Kubernetes deprecates and is to ignore from 1.40 on`,
      next: 'Leave kubernetes.frontDoor out of cloud.yaml: the addresses stay the same.',
    };
  }
  if (kind === 'loadBalancer') {
    return {
      check,
      level: 'ok',
      message: publicAddress,
      choice: 'a load balancer that the cluster provides',
    };
  }
  if (addresses.includes(publicAddress)) {
    return { check, level: 'ok', message: `${addresses.join(', ')}; endpoints name ${publicAddress}` };
  }
  return {
    check,
    level: 'warning',
    message: `public.address is ${publicAddress}, and the control nodes have ${addresses.join(', ')}`,
    next: 'Make sure that one of them has it at any time, or that what has it passes connections on to them; or leave public.address out.',
  };
}
