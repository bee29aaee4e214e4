import type { V1Endpoints, V1Service } from '@kubernetes/client-node';
import type { Answer } from 'dns-packet';

/**
 * Names of a cluster after the specification at
 * https://github.com/kubernetes/dns/blob/master/docs/specification.md, version 1.1.0.
 */
export interface Cluster {
  /** Such as cluster.local */
  domain: string;
  /** In seconds; names change with the pods. */
  ttl: number;
  services: Map<string, V1Service>;
  endpoints: Map<string, V1Endpoints>;
}

export type Reply = { known: boolean; answers: Answer[] };

interface Host {
  name: string;
  ip: string;
}

interface Port {
  name: string;
  protocol: string;
  port: number;
}

/** The answers to a question about the cluster; undefined where it is about the world outside. */
export function answer(cluster: Cluster, type: string, question: string): Reply | undefined {
  const name = question.toLowerCase();
  if (name.endsWith('.in-addr.arpa')) return answerReverse(cluster, type, name);
  if (name !== cluster.domain && !name.endsWith(`.${cluster.domain}`)) return undefined;
  const labels = name
    .slice(0, -cluster.domain.length - 1)
    .split('.')
    .reverse();
  const [kind, namespace, ...rest] = labels;
  if (labels.join() === '' || (kind === 'svc' && namespace === undefined))
    return { known: true, answers: [] };
  if (kind === 'dns-version') return select(type, name, [txt(cluster, name, '1.1.0')]);
  if (kind === 'pod' && rest.length === 1)
    return select(type, name, podAddress(cluster, name, rest[0] ?? ''));
  if (kind !== 'svc' || namespace === undefined) return { known: false, answers: [] };
  if (rest.length === 0) return { known: hasNamespace(cluster, namespace), answers: [] };
  const service = cluster.services.get(`${namespace}/${rest[0]}`);
  return service ? answerService(cluster, service, type, name, rest.slice(1)) : { known: false, answers: [] };
}

function answerService(
  cluster: Cluster,
  service: V1Service,
  type: string,
  name: string,
  below: string[],
): Reply {
  const own = nameOf(cluster, service);
  if (service.spec?.type === 'ExternalName') {
    return {
      known: true,
      answers: [{ type: 'CNAME', name, ttl: cluster.ttl, data: service.spec.externalName ?? '' }],
    };
  }
  const headless = service.spec?.clusterIP === 'None';
  const hosts = headless ? hostsOf(cluster, service) : [{ name: own, ip: service.spec?.clusterIP ?? '' }];
  const [first, second] = below;
  if (first === undefined)
    return select(
      type,
      name,
      hosts.map(({ ip }) => a(cluster, name, ip)),
      true,
    );
  if (first.startsWith('_')) {
    const ports = portsOf(cluster, service).filter(
      (port) => `_${port.protocol}` === first && (second === undefined || `_${port.name}` === second),
    );
    const records = ports.flatMap((port) => hosts.map((host) => srv(cluster, name, host.name, port.port)));
    return select(type, name, below.length > 2 ? [] : records);
  }
  const found = headless && below.length === 1 ? hosts.filter((host) => host.name === name) : [];
  return select(
    type,
    name,
    found.map(({ ip }) => a(cluster, name, ip)),
  );
}

function answerReverse(cluster: Cluster, type: string, name: string): Reply | undefined {
  const ip = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
  for (const service of cluster.services.values()) {
    const isIt = service.spec?.clusterIP === ip;
    const hosts = isIt ? [nameOf(cluster, service)] : [];
    for (const host of service.spec?.clusterIP === 'None' ? hostsOf(cluster, service) : []) {
      if (host.ip === ip) hosts.push(host.name);
    }
    if (hosts.length === 0) continue;
    return select(
      type,
      name,
      hosts.map((data) => ({ type: 'PTR', name, ttl: cluster.ttl, data })),
    );
  }
  return undefined;
}

/** Pods that are ready, or all where the service publishes those too: the endpoints controller has sorted them. */
function hostsOf(cluster: Cluster, service: V1Service): Host[] {
  const subsets = cluster.endpoints.get(keyOf(service))?.subsets ?? [];
  const hosts = new Map<string, Host>();
  for (const { addresses = [] } of subsets) {
    for (const { hostname, ip } of addresses) {
      hosts.set(ip, { name: `${hostname ?? ip.replaceAll('.', '-')}.${nameOf(cluster, service)}`, ip });
    }
  }
  return [...hosts.values()];
}

/** The ports of a headless service are those of its pods: there is nothing between that could change them. */
function portsOf(cluster: Cluster, service: V1Service): Port[] {
  const headless = service.spec?.clusterIP === 'None';
  const subsets = headless ? (cluster.endpoints.get(keyOf(service))?.subsets ?? []) : [];
  const ports = headless ? subsets.flatMap((subset) => subset.ports ?? []) : (service.spec?.ports ?? []);
  const all = ports.map(({ name = '', protocol = 'TCP', port }) => ({
    name: name.toLowerCase(),
    protocol: protocol.toLowerCase(),
    port,
  }));
  return [...new Map(all.map((port) => [JSON.stringify(port), port])).values()];
}

function podAddress(cluster: Cluster, name: string, dashed: string): Answer[] {
  return /^\d+(-\d+){3}$/.test(dashed) ? [a(cluster, name, dashed.replaceAll('-', '.'))] : [];
}

/** A name is known if it has records of any kind; the reply holds those that were asked for. */
function select(type: string, name: string, records: Answer[], known = records.length > 0): Reply {
  return {
    known,
    answers: records.filter((record) => record.name === name && (type === 'ANY' || record.type === type)),
  };
}

function a(cluster: Cluster, name: string, data: string): Answer {
  return { type: 'A', name, ttl: cluster.ttl, data };
}

function txt(cluster: Cluster, name: string, data: string): Answer {
  return { type: 'TXT', name, ttl: cluster.ttl, data };
}

function srv(cluster: Cluster, name: string, target: string, port: number): Answer {
  return { type: 'SRV', name, ttl: cluster.ttl, data: { target, port, priority: 0, weight: 100 } };
}

function hasNamespace(cluster: Cluster, namespace: string): boolean {
  return [...cluster.services.keys()].some((key) => key.startsWith(`${namespace}/`));
}

function nameOf(cluster: Cluster, service: V1Service): string {
  return `${service.metadata?.name}.${service.metadata?.namespace}.svc.${cluster.domain}`;
}

export function keyOf({ metadata }: V1Service | V1Endpoints): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
