import { portKey } from '../model/workload.ts';
import { type Check, isGiven, isServiceOn, report } from './checking.ts';
import type { Known } from './known.ts';

/** The public side: an address that users can connect to, ports used once. */
export function checkPublic(check: Check, known: Known | undefined): void {
  const { address, hostname } = check.config.public;
  const path = ['public', 'address'];
  if (address === '0.0.0.0' && hostname === undefined && check.isSound(['public'])) {
    const message = 'public.address 0.0.0.0 is nothing users can connect to';
    report(check, 'config.no-public-address', path, message, {
      next: 'Give an address of this machine, or set public.hostname as well.',
    });
  }
  if (known) checkPortsOnce(check, known);
  checkNodePorts(check);
}

/** Each port has one endpoint in each protocol; those that cloud.yaml does not name have their standard ones. */
function checkPortsOnce(check: Check, known: Known): void {
  const { public: side } = check.config;
  const keysOf = (name: string, port: number) =>
    (known.endpoints?.[name]?.protocols ?? ['tcp']).map((protocol) => portKey({ port, protocol }));
  const standard = Object.entries(known.endpoints ?? {})
    .filter(([name, { service }]) => !Object.hasOwn(side.ports, name) && isServiceOn(check, known, service))
    .flatMap(([name, { port }]) =>
      keysOf(name, port).map((key) => [key, { name, isStandard: true }] as const),
    );
  const takenBy = new Map<string, { name: string; isStandard: boolean }>(standard);
  for (const [name, port] of Object.entries(side.ports)) {
    const keys = keysOf(name, port);
    const other = keys.map((key) => takenBy.get(key)).find((found) => found);
    if (other !== undefined) {
      const owner = other.isStandard
        ? `is the standard one of ${other.name}`
        : `public.ports.${other.name} has already`;
      const message = `public.ports.${name} is port ${port}, which ${owner}`;
      report(check, 'config.port-twice', ['public', 'ports', name], message);
    }
    for (const key of keys) takenBy.set(key, { name, isStandard: false });
  }
}

/**
 * What answers on nodes of a cluster, and must go on to: https://kubernetes.io/docs/reference/networking/ports-and-protocols/
 */
const NODE_PORTS: readonly { first: number; last: number; of: string }[] = [
  { first: 22, last: 22, of: 'SSH' },
  { first: 2379, last: 2380, of: 'etcd' },
  { first: 6443, last: 6443, of: 'the API server' },
  { first: 10_248, last: 10_250, of: 'the kubelet and kube-proxy' },
  { first: 10_256, last: 10_260, of: 'kube-proxy and the controllers' },
];

/** A front door at addresses of nodes takes its ports from what else answers there: the cluster would lose them. */
function checkNodePorts(check: Check): void {
  const { engine, kubernetes, public: side } = check.config;
  if (engine !== 'kubernetes' || kubernetes.frontDoor === 'loadBalancer') return;
  for (const [name, port] of Object.entries(side.ports)) {
    const taken = NODE_PORTS.find(({ first, last }) => first <= port && port <= last);
    const path = ['public', 'ports', name];
    if (!taken || !isGiven(check, path)) continue;
    report(
      check,
      'config.node-port',
      path,
      `public.ports.${name} is port ${port}, which nodes need for ${taken.of}`,
    );
  }
}
