import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import type { DesiredObject } from '../../../src/model/bundle.ts';
import type { Port, Process } from '../../../src/model/workload.ts';
import { peersName } from '../names.ts';
import { desiredObject, type Manifest, podSelector, type RenderInput, workloadMetadata } from './object.ts';
import { isStateful } from './placement.ts';

/** Name of the service that users reach the cloud by. */
const FRONT_DOOR = 'front-door';

/**
 * The names that a process resolves by. What is on the node's network needs none: it is reached at the node's address.
 *
 * A name with several instances behind it that come and go (`rolling`) has no address of its own but one for each
 * ready pod: the front door tells them apart, checks each, and tries another when one refuses.
 */
export function renderServices(input: RenderInput, process: Process): DesiredObject[] {
  const { name, aliases, ports, needs, update } = process;
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
    for (const one of [name, ...aliases]) {
      services.push(service(input, process, one, { ...address, ...portsOf(ports) }));
    }
  }
  const published = ports.filter(({ publicPort }) => publicPort !== undefined);
  if (published.length > 0) services.push(frontDoor(input, process, published));
  return services.map(desiredObject);
}

function frontDoor(input: RenderInput, process: Process, published: readonly Port[]): V1Service & Manifest {
  const { kind, addresses } = input.cluster.frontDoor;
  return service(input, process, FRONT_DOOR, {
    ...(kind === 'loadBalancer' ? { type: 'LoadBalancer' } : { type: 'ClusterIP', externalIPs: addresses }),
    ports: published.map(({ name, port, publicPort = port }) => servicePort(name, publicPort, port)),
  });
}

function portsOf(ports: readonly Port[]): Pick<V1Service['spec'] & object, 'ports'> {
  return ports.length > 0 ? { ports: ports.map(({ name, port }) => servicePort(name, port, port)) } : {};
}

function servicePort(name: string, port: number, targetPort: number): V1ServicePort {
  return { name, port, targetPort, protocol: 'TCP' };
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
