import { join } from 'node:path';
import { cacheBase, stateBase } from '../../src/cloud/choice.ts';

/** Kubernetes' version in the source package of the Debian release below. */
export const kubernetesVersion = '1.20.2';
export const kubernetesDebian = 'bookworm';
export const kubernetesPrograms = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
];

/** On every container, network and volume of the cluster, with its role: all that is removed, is found by it. */
export const roleLabel = 'org.gantry.test-cluster.role';

export type Role = 'control' | 'registry' | 'node' | 'network' | 'external' | 'build';

/** Prefix of all names on the Docker Engine. */
export const prefix = 'gantry-cluster';

/** Addresses; none is of a range that Gantry's clouds use by default, save the external network. */
export const addresses = {
  network: '10.27.0.0/24',
  gateway: '10.27.0.1',
  control: '10.27.0.2',
  registry: '10.27.0.3',
  pods: '10.27.64.0/18',
  services: '10.27.128.0/20',
  kubernetesService: '10.27.128.1',
  dnsService: '10.27.128.10',
} as const;

export const apiServer = `https://${addresses.control}:6443`;
export const clusterDomain = 'cluster.local';
export const defaultExternal = '10.29.31.0/24';
/** Also the name of the registry in image references: the host pushes to it, nodes pull from it. */
export const registryPort = 4998;
export const registryName = `localhost:${registryPort}`;
export const mostNodes = 20;

/** Name of the n-th node, counting from 1: as kubelets do it, its host name in lower case. */
export function nodeName(index: number): string {
  return hostName(index).toLowerCase();
}

/**
 * What the machine of the n-th node calls itself. All but the first have a domain, capitals, and the same name up to
 * the first dot: whatever registers nodes under less than their whole name takes them for one.
 */
export function hostName(index: number): string {
  return index === 1 ? 'node-1' : `Node.Rack-${index}.Example.org`;
}

export function nodeIndex(name: string): number {
  const index = Number(/\d+/.exec(name)?.[0]);
  return nodeName(index) === name ? index : Number.NaN;
}

export function nodeAddress(index: number): string {
  return `10.27.0.${10 + index}`;
}

/** The addresses that the pods of a node are given. */
export function podRange(index: number): string {
  return `10.27.${64 + index}.0/24`;
}

export interface Paths {
  /** Authority, keys and kubeconfig of the running cluster. */
  state: string;
  kubeconfig: string;
  /** Built programs, kept over clusters. */
  cache: string;
}

/** GANTRY_CACHE moves the cache; the state lies beside that of the clouds. */
export function resolvePaths(environment: NodeJS.ProcessEnv, uid: number): Paths {
  const state = join(stateBase(environment, uid), 'test-cluster');
  return { state, kubeconfig: join(state, 'kubeconfig'), cache: cacheBase(environment, uid) };
}
