import { keptNames } from '../../../src/model/kept-names.ts';
import type { Port, Process } from '../../../src/model/workload.ts';
import type { V1Service, V1ServicePort } from '../api/library.ts';
import { FRONT_DOOR, NODES_CLASS, peersName } from '../names.ts';
import type { DesiredObject } from '../plan/bundle.ts';
import { desiredObject, type Manifest, podSelector, type RenderInput, workloadMetadata } from './object.ts';
import { isStateful } from './placement.ts';
import { protocolOf } from './ports.ts';

/** Minor version since which every cluster knows it: https://kep.k8s.io/3015 */
const SAME_NODE = 35;
/** What a StatefulSet labels each of its pods with: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';

/**
 * The names that a process resolves by. What is on the node's network needs none: it is reached at the node's address.
 *
 * A name with several instances behind it that come and go (`rolling`) has no address of its own but one for each
 * ready pod: the front door tells them apart, checks each, and tries another when one refuses.
 *
 * An address that is kept leads to one instance, ready or not: those that form a cluster reach each other there.
 */
export function renderServices(input: RenderInput, process: Process): DesiredObject[] {
  const { name, aliases, eachAs, ports, needs, update, replicas } = process;
  const kept = needs.keepsAddress && isStateful(process) ? keptNames(name, replicas) : [];
  const services: (V1Service & Manifest)[] = [];
  if (isStateful(process)) {
    services.push(
      service(input, process, peersName(name), {
        clusterIP: 'None',
        // Members of a cluster must find each other in order to become ready.
        publishNotReadyAddresses: true,
        ...portsOf(ports),
      }),
    );
  }
  if (ports.length > 0 && !needs.hostNetwork) {
    const address = update === 'rolling' ? { clusterIP: 'None' } : { type: 'ClusterIP' };
    for (const one of [name, ...aliases].filter((one) => !kept.includes(one))) {
      services.push(service(input, process, one, { ...address, ...portsOf(ports) }));
    }
    for (const [ordinal, one] of kept.entries()) {
      const selector = { ...podSelector(process), [POD_NAME_LABEL]: `${name}-${ordinal}` };
      const spec = { type: 'ClusterIP', selector, publishNotReadyAddresses: true, ...portsOf(ports) };
      services.push(service(input, process, one, spec));
    }
  }
  if (eachAs !== undefined) {
    const each = { clusterIP: 'None', publishNotReadyAddresses: true, ...portsOf(ports) };
    services.push(service(input, process, eachAs, each));
  }
  const outlives = ({ metadata }: Manifest) => kept.includes(metadata.name);
  const published = ports.filter(({ publicPort }) => publicPort !== undefined);
  const isUdp = ({ protocol }: Port) => protocol === 'udp';
  return [
    ...services.map((one) => ({ ...desiredObject(one), ...(outlives(one) ? { outlives: true } : {}) })),
    ...frontDoor(
      input,
      process,
      FRONT_DOOR,
      published.filter((port) => !isUdp(port)),
    ),
    ...frontDoor(input, process, `${FRONT_DOOR}-${name}`, published.filter(isUdp)),
  ];
}

/**
 * Users reach what speaks UDP by a service of its own, which leads to its process and not to the front door's. A load
 * balancer of clusters before 1.26 takes ports of one protocol: https://kep.k8s.io/1435
 *
 * Connections to a node's address stay on that node while a front door is ready on it: so a node that is lost takes its
 * own address along, and no connections to the others. Before that could be said, any node's front door may be led to.
 */
function frontDoor(
  input: RenderInput,
  process: Process,
  name: string,
  published: readonly Port[],
): DesiredObject[] {
  if (published.length === 0) return [];
  const { minorVersion, frontDoor: door } = input.cluster;
  const { kind } = door;
  const addresses = [...new Set([...door.addresses, ...virtualAddress(input.desired)])];
  const manifest = service(input, process, name, {
    ...(minorVersion >= SAME_NODE ? { trafficDistribution: 'PreferSameNode' } : {}),
    ...{
      nodes: {
        type: 'LoadBalancer',
        loadBalancerClass: NODES_CLASS,
        // Ports of every node that nobody asks for.
        allocateLoadBalancerNodePorts: false,
      },
      externalIPs: { type: 'ClusterIP', externalIPs: addresses },
      loadBalancer: { type: 'LoadBalancer' },
    }[kind],
    ports: published.map((port) => servicePort(port, port.publicPort)),
  });
  return [{ ...desiredObject(manifest), ...(kind === 'nodes' ? { addresses } : {}) }];
}

/** An address that moves between the nodes is taken by the one that has it. The API refuses those of no network. */
function virtualAddress({ publicAddress }: RenderInput['desired']): string[] {
  return /^(127|169\.254)\./.test(publicAddress) ? [] : [publicAddress];
}

function portsOf(ports: readonly Port[]): Pick<V1Service['spec'] & object, 'ports'> {
  return ports.length > 0 ? { ports: ports.map((port) => servicePort(port)) } : {};
}

function servicePort(port: Port, at = port.port): V1ServicePort {
  return { name: port.name, port: at, targetPort: port.port, protocol: protocolOf(port) };
}

function service(
  input: RenderInput,
  process: Process,
  name: string,
  spec: V1Service['spec'],
): V1Service & Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: workloadMetadata(input, process, name),
    spec: { selector: podSelector(process), ...spec },
  };
}
