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
watch(kubeconfig, {
  path: '/api/v1/services',
  list: () => core.listServiceForAllNamespaces(),
  change: keep(cluster.services),
  onError: report('services'),
});
watch(kubeconfig, {
  path: '/api/v1/endpoints',
  list: () => core.listEndpointsForAllNamespaces(),
  change: keep(cluster.endpoints),
  onError: report('endpoints'),
});
serveNames(cluster, {
  address: process.env.CONTROL_ADDRESS ?? '',
  upstream: /^nameserver\s+(\S+)/m.exec(readFileSync('/etc/resolv.conf', 'utf8'))?.[1] ?? '',
  onError: report('name service'),
});

const storage = new Storage(kubeconfig);
watch(kubeconfig, {
  path: '/api/v1/persistentvolumeclaims',
  list: () => core.listPersistentVolumeClaimForAllNamespaces(),
  change: (key, claim) => void (claim && storage.provide(claim).catch(report(`claim ${key}`))),
  onError: report('claims'),
});
watch(kubeconfig, {
  path: '/api/v1/persistentvolumes',
  list: () => core.listPersistentVolume(),
  change: (key, volume) => void (volume && storage.reclaim(volume).catch(report(`volume ${key}`))),
  onError: report('volumes'),
});
