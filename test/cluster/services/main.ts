/** Runs beside the control plane: cluster DNS and storage, fed by the API server. */
import { readFileSync } from 'node:fs';
import { CoreV1Api, KubeConfig, type V1Endpoints, type V1Service } from '@kubernetes/client-node';
import { serveNames } from './dns.ts';
import { Storage } from './storage.ts';
import { watch } from './watch.ts';

const report = (what: string) => (error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${new Date().toISOString()} ${what}: ${text}\n`);
};

const kubeconfig = new KubeConfig();
kubeconfig.loadFromFile('/etc/kubernetes/services.kubeconfig');
const core = kubeconfig.makeApiClient(CoreV1Api);

const cluster = {
  domain: process.env.CLUSTER_DOMAIN ?? '',
  ttl: 5,
  services: new Map<string, V1Service>(),
  endpoints: new Map<string, V1Endpoints>(),
};
const keep =
  <T>(map: Map<string, T>) =>
  (key: string, object: T | undefined): void => {
    if (object) map.set(key, object);
    else map.delete(key);
  };
const listed = new Set<string>();
watch(kubeconfig, {
  path: '/api/v1/services',
  list: () => core.listServiceForAllNamespaces(),
  change: keep(cluster.services),
  complete: () => listed.add('services'),
  onError: report('services'),
});
watch(kubeconfig, {
  path: '/api/v1/endpoints',
  list: () => core.listEndpointsForAllNamespaces(),
  change: keep(cluster.endpoints),
  complete: () => listed.add('endpoints'),
  onError: report('endpoints'),
});
serveNames(cluster, {
  address: process.env.CONTROL_ADDRESS ?? '',
  upstream: /^nameserver\s+(\S+)/m.exec(readFileSync('/etc/resolv.conf', 'utf8'))?.[1] ?? '',
  isComplete: () => listed.size === 2,
  onError: report('name service'),
});

/** Tries again until it succeeds: no further event may come for an object that waits. */
function persist(what: string, run: () => Promise<void>): void {
  run().catch((error: unknown) => {
    report(what)(error);
    setTimeout(() => persist(what, run), 2000);
  });
}

const storage = new Storage(kubeconfig);
watch(kubeconfig, {
  path: '/api/v1/persistentvolumeclaims',
  list: () => core.listPersistentVolumeClaimForAllNamespaces(),
  change: (key, claim) => claim && persist(`claim ${key}`, () => storage.provide(claim)),
  onError: report('claims'),
});
watch(kubeconfig, {
  path: '/api/v1/persistentvolumes',
  list: () => core.listPersistentVolume(),
  change: (key, volume) => volume && persist(`volume ${key}`, () => storage.reclaim(volume)),
  onError: report('volumes'),
});
