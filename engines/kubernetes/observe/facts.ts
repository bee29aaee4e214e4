import type { EngineFacts } from '../../../src/engine/engine.ts';
import { type NodeRole, nodeRoles, roleTraits, usualRoles } from '../../../src/model/node-role.ts';
import type { ObservedNode } from '../../../src/model/observed.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import type { ClusterApi } from '../api/client.ts';
import { httpStatusOf } from '../api/failure.ts';
import { conditionOf, type KubeList, type Node, type ServiceObject } from '../api/objects.ts';
import type { FrontDoor, KubernetesSettings } from '../context.ts';
import { FRONT_DOOR, Label, NODES_CLASS, peersName } from '../names.ts';
import type { ClusterFacts } from '../render/cluster.ts';

/** What nearly every cluster calls itself. */
const DEFAULT_DOMAIN = 'cluster.local';

/** What one look at the cluster tells: for rendering, and for the catalogue. */
export interface ClusterKnowledge {
  cluster: ClusterFacts;
  engine: EngineFacts;
}

export async function readCluster(api: ClusterApi, settings: KubernetesSettings): Promise<ClusterKnowledge> {
  const [groupVersions, { items: nodes }, loadBalancers] = await Promise.all([
    readGroupVersions(api),
    api.request<KubeList<Node>>('GET', '/api/v1/nodes'),
    settings.frontDoor === 'loadBalancer' ? readLoadBalancers(api, settings) : [],
  ]);
  const control = nodesOfRole(nodes, 'control');
  const addresses =
    settings.frontDoor === 'loadBalancer' ? loadBalancers : control.flatMap(internalAddresses);
  const [domain, nameTtlSeconds, minorVersion] = await Promise.all([
    readDomain(api, control[0]),
    readNameTtl(api),
    readMinorVersion(api),
  ]);
  const { namespace, registry, storageClass, sharedStorageClass, volumeSizes, imagePullSecrets } = settings;
  return {
    cluster: {
      namespace,
      imagePrefix: registry === undefined ? '' : `${registry.replace(/\/+$/, '')}/`,
      controlNodes: control.map((node) => node.metadata.name),
      frontDoor: { kind: frontDoorOf(settings, minorVersion), addresses },
      storageClass,
      sharedStorageClass,
      volumeSizes,
      imagePullSecrets,
      groupVersions,
      minorVersion,
      nameTtlSeconds,
    },
    engine: {
      cores: control.length > 0 ? Math.max(1, Math.floor(Math.min(...control.map(coresOf)))) : 1,
      controlNodes: control.length,
      networkNodes: nodesOfRole(nodes, 'network').map((node) => node.metadata.name),
      publicAddresses: addresses,
      hasExternalGateway: false,
      domain: `.${namespace}.svc.${domain}`,
      instanceDomain: `.${peersName('{process}')}.${namespace}.svc.${domain}`,
      nameServers: [],
    },
  };
}

/**
 * Minor version since which a service can be given addresses without a load balancer of the cluster's own: its class
 * keeps those away. https://kep.k8s.io/1959
 */
const SERVICE_CLASSES = 24;

/** Older clusters know no better way than `externalIPs`. */
export function frontDoorOf(
  { frontDoor }: Pick<KubernetesSettings, 'frontDoor'>,
  minorVersion: number,
): FrontDoor {
  return frontDoor === 'nodes' && minorVersion < SERVICE_CLASSES ? 'externalIPs' : frontDoor;
}

/** Group versions that the server serves, the core's as `v1`. */
async function readGroupVersions(api: ClusterApi): Promise<Set<string>> {
  const [core, named] = await Promise.all([
    api.request<{ versions: string[] }>('GET', '/api'),
    api.request<{ groups: { versions: { groupVersion: string }[] }[] }>('GET', '/apis'),
  ]);
  return new Set([
    ...core.versions,
    ...named.groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)),
  ]);
}

/**
 * Nodes with the role, by name. Where no node of the cluster has any role, all that take pods have the usual ones: the
 * plan labels them so.
 */
export function nodesOfRole(nodes: readonly Node[], role: NodeRole): Node[] {
  const unlabelled = nodes.every((node) => rolesOf(node).length === 0);
  return nodes
    .filter((node) =>
      unlabelled ? isSchedulable(node) && usualRoles.includes(role) : rolesOf(node).includes(role),
    )
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The nodes as the planner sees them: those with a role, or those that shall get the usual ones. */
export function observeNodes(nodes: readonly Node[]): ObservedNode[] {
  const unlabelled = nodes.every((node) => rolesOf(node).length === 0);
  return nodes
    .filter((node) => (unlabelled ? isSchedulable(node) : rolesOf(node).length > 0))
    .map((node) => ({
      name: node.metadata.name,
      roles: unlabelled ? [...usualRoles] : rolesOf(node),
      ready: isReady(node),
      unlabelled,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function rolesOf({ metadata }: Node): NodeRole[] {
  return nodeRoles.filter((role) => metadata.labels?.[roleTraits[role].label] !== undefined);
}

export function isReady(node: Node): boolean {
  return conditionOf(node, 'Ready')?.status === 'True';
}

/** Whether the node's kubelet has stopped reporting: what runs there can neither be asked nor ended. */
export function isLost(node: Node): boolean {
  return conditionOf(node, 'Ready')?.status === 'Unknown';
}

/** Whether pods without tolerations of their own can come to the node. */
export function isSchedulable(node: Node): boolean {
  const blocked = node.spec.taints?.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
  return isReady(node) && !node.spec.unschedulable && !blocked;
}

/** Which of these references every node that takes pods has already, where no registry is named. */
export function imagesOnNodes(nodes: readonly Node[], references: readonly string[]): string[] {
  const present = nodes.filter(isReady).map(imagesOf);
  return references.filter((reference) => present.every((names) => names.has(reference)));
}

/** Names of the images that a node says it has. */
export function imagesOf({ status }: Node): Set<string> {
  return new Set((status.images ?? []).flatMap(imageNames));
}

/** Nodes add the registry that names without one stand for. */
function imageNames({ names }: { names?: string[] }): string[] {
  return (names ?? []).map((name) => name.replace(/^docker\.io\/(library\/)?/, ''));
}

/** Addresses by which other nodes reach it. */
export function internalAddresses({ status }: Node): string[] {
  return (status.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
}

/** Kubernetes quantities of CPU: `4`, `1500m`. */
function coresOf({ status }: Node): number {
  const text = status.capacity?.cpu ?? '1';
  return text.endsWith('m') ? Number.parseInt(text, 10) / 1000 : Number(text);
}

async function readLoadBalancers(
  api: ClusterApi,
  { namespace, cloud }: KubernetesSettings,
): Promise<string[]> {
  const { items } = await api.request<KubeList<ServiceObject>>(
    'GET',
    `/api/v1/namespaces/${namespace}/services`,
    { query: { labelSelector: `${Label.cloud}=${cloud}` } },
  );
  return items
    .filter(({ metadata }) => metadata.name === FRONT_DOOR)
    .filter(({ spec }) => spec.type === 'LoadBalancer' && spec.loadBalancerClass !== NODES_CLASS)
    .flatMap(({ status }) => status?.loadBalancer?.ingress ?? [])
    .flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
}

/** Of Kubernetes 1.20 the 20; some providers add a plus sign. */
async function readMinorVersion(api: ClusterApi): Promise<number> {
  const { minor } = await api.request<{ minor: string }>('GET', '/version');
  return Number.parseInt(minor, 10);
}

/** The time to live that CoreDNS gives names of the cluster unless its configuration says otherwise, in seconds. */
const COREDNS_TTL = 5;
/** What its usual configuration says. */
const USUAL_TTL = 30;

/** CoreDNS keeps its configuration in a ConfigMap; another name service is taken to be as quick as its default. */
async function readNameTtl(api: ClusterApi): Promise<number> {
  try {
    const { data } = await api.request<{ data?: { Corefile?: string } }>(
      'GET',
      '/api/v1/namespaces/kube-system/configmaps/coredns',
    );
    return parseNameTtl(data?.Corefile ?? '');
  } catch (thrown) {
    if (httpStatusOf(thrown) === 404) return COREDNS_TTL;
    if (httpStatusOf(thrown) === 403) return USUAL_TTL;
    throw thrown;
  }
}

/** The `ttl` of the plugin `kubernetes`: https://coredns.io/plugins/kubernetes/ */
export function parseNameTtl(corefile: string): number {
  const block = /^\s*kubernetes\b[^{\n]*\{([^}]*)\}/m.exec(corefile)?.[1] ?? '';
  const ttl = /^\s*ttl\s+(\d+)/m.exec(block)?.[1];
  return ttl === undefined ? COREDNS_TTL : Number(ttl);
}

/** The kubelet's own configuration names the domain; who may not read it gets what nearly every cluster has. */
async function readDomain(api: ClusterApi, node: Node | undefined): Promise<string> {
  if (!node) return DEFAULT_DOMAIN;
  try {
    const { kubeletconfig } = await api.request<{ kubeletconfig?: { clusterDomain?: string } }>(
      'GET',
      `/api/v1/nodes/${node.metadata.name}/proxy/configz`,
      { signal: timeLimit(2_000) },
    );
    return kubeletconfig?.clusterDomain?.replace(/\.$/, '') || DEFAULT_DOMAIN;
  } catch (thrown) {
    if (httpStatusOf(thrown) !== undefined || (thrown as Error).name === 'TimeoutError')
      return DEFAULT_DOMAIN;
    throw thrown;
  }
}
