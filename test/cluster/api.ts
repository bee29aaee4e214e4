import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type V1Node,
} from '@kubernetes/client-node';
import { GantryError, messageOf } from '../../src/errors.ts';
import { manifests } from './manifests.ts';
import { addresses, clusterDomain } from './settings.ts';

/** Opens the cluster of a kubeconfig. */
export function loadKubeconfig(path: string): KubeConfig {
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(path);
  return kubeconfig;
}

/** Polls until `probe` returns something; its last word, or error, is the reason when the time is over. */
export async function waitFor<T>(
  what: string,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal },
  probe: () => Promise<{ done: T } | { notYet: string }>,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (let reason = ''; ; ) {
    try {
      const result = await probe();
      if ('done' in result) return result.done;
      reason = result.notYet;
    } catch (thrown) {
      reason = messageOf(thrown);
    }
    if (performance.now() > deadline) {
      throw new GantryError({
        code: 'cluster.not-ready',
        whose: 'environment',
        message: `${what} did not happen within ${limitMs / 1000} s`,
        why: reason,
        next: 'The logs are in /var/log of the containers: `docker exec gantry-cluster-control ls /var/log`.',
      });
    }
    await sleep(200, undefined, { signal });
  }
}

/** Applies what every cluster has; waits until the API server takes it. */
export async function applyManifests(kubeconfig: KubeConfig, signal: AbortSignal): Promise<void> {
  const api = kubeconfig.makeApiClient(KubernetesObjectApi);
  await waitFor('an answer of the API server', { limitMs: 120_000, signal }, async () => {
    for (const manifest of manifests) {
      await api.patch(manifest, undefined, undefined, 'gantry-cluster', true, PatchStrategy.ServerSideApply);
    }
    return { done: true };
  });
}

/** Waits until the cluster's name service knows the API server. */
export async function waitForNames(signal: AbortSignal): Promise<void> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([addresses.control]);
  await waitFor('an answer of cluster DNS', { limitMs: 60_000, signal }, async () => ({
    done: await resolver.resolve4(`kubernetes.default.svc.${clusterDomain}`),
  }));
}

/** Waits until each node says that it is ready, later than at the given time: a node that died said so before. */
export async function waitForNodes(
  kubeconfig: KubeConfig,
  nodes: ReadonlyMap<string, Date>,
  signal: AbortSignal,
): Promise<void> {
  const core = kubeconfig.makeApiClient(CoreV1Api);
  await waitFor(`${[...nodes.keys()].join(', ')} ready`, { limitMs: 180_000, signal }, async () => {
    const { items } = await core.listNode();
    const late = [...nodes].filter(
      ([name, since]) => !items.some((node) => node.metadata?.name === name && isReady(node, since)),
    );
    return late.length === 0
      ? { done: true }
      : { notYet: `not ready: ${late.map(([name]) => name).join(', ')}` };
  });
}

/** Taints that go once the cluster has heard that a node is ready: until then it sends no pods there. */
const unheard = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

export function isReady(node: V1Node, since = new Date(0)): boolean {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  const isHeard = !node.spec?.taints?.some(({ key }) => unheard.includes(key));
  return ready?.status === 'True' && new Date(ready.lastHeartbeatTime ?? 0) > since && isHeard;
}
