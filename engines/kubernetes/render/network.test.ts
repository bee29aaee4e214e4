import { describe, expect, test } from 'vitest';
import type { Process } from '../../../src/model/workload.ts';
import {
  bundleOf,
  containerOf,
  manifestOf,
  objectsOf,
  podOf,
  renderDesiredCloud,
} from './testing/cluster.ts';

const ports: Process['ports'] = [{ name: 'api', port: 80 }];
const names = (objects: ReturnType<typeof objectsOf>, kind: string) =>
  objects.filter(({ ref }) => ref.kind === kind).map(({ ref }) => ref.name);

describe('names', () => {
  test('lead to each instance of what is replaced while it serves', () => {
    const objects = objectsOf({ ports, update: 'rolling' });
    expect(manifestOf(objects, 'Service', 'example').spec).toEqual({
      selector: { 'app.kubernetes.io/name': 'example' },
      clusterIP: 'None',
      ports: [{ name: 'api', port: 80, targetPort: 80, protocol: 'TCP' }],
    });
  });

  test('have an address that stays, of what is not', () => {
    const objects = objectsOf({ ports, aliases: ['other'] });
    expect(names(objects, 'Service')).toEqual(['example', 'other']);
    for (const name of ['example', 'other']) {
      expect(manifestOf(objects, 'Service', name).spec).toMatchObject({ type: 'ClusterIP' });
    }
  });

  test('lead to each instance, ready or not, for what asks all of them', () => {
    const objects = objectsOf({ ports, eachAs: 'example-each' });
    expect(names(objects, 'Service')).toEqual(['example', 'example-each']);
    expect(manifestOf(objects, 'Service', 'example-each').spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
  });

  test('outlive a process whose clients keep its address: none but the one that they know', () => {
    const data = [{ volume: 'data', path: '/data' }];
    const objects = objectsOf({ ports, aliases: ['other'], volumes: data, needs: { keepsAddress: true } });
    expect(objects.filter(({ outlives }) => outlives).map(({ ref }) => `${ref.kind} ${ref.name}`)).toEqual([
      'Service example',
    ]);
  });

  test('lead to one instance each, ready or not, where each of several keeps its address', () => {
    const data = [{ volume: 'data', path: '/data' }];
    const objects = objectsOf({ ports, volumes: data, replicas: 3, needs: { keepsAddress: true } });
    expect(names(objects, 'Service')).toEqual(['example-peers', 'example', 'example-1', 'example-2']);
    expect(objects.filter(({ outlives }) => outlives)).toHaveLength(3);
    expect(manifestOf(objects, 'Service', 'example-2').spec).toMatchObject({
      type: 'ClusterIP',
      publishNotReadyAddresses: true,
      selector: { 'statefulset.kubernetes.io/pod-name': 'example-2' },
    });
  });

  test('of single instances resolve before they are ready', () => {
    const objects = objectsOf({ ports, volumes: [{ volume: 'data', path: '/data' }] });
    expect(manifestOf(objects, 'Service', 'example-peers').spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
    expect(manifestOf(objects, 'StatefulSet').spec.serviceName).toBe('example-peers');
  });

  test("are none for what is on the node's network, which finds the cloud's own", () => {
    const objects = objectsOf({ ports, spread: 'perNode', needs: { hostNetwork: true } });
    expect(names(objects, 'Service')).toEqual([]);
    expect(podOf(objects).spec).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
  });

  test.each([
    [{}, []],
    [{ nodeName: true }, ['GANTRY_NODE_NAME']],
    [{ hostNetwork: true }, ['GANTRY_NODE_ADDRESS', 'GANTRY_NODE_NAME']],
  ])('of the node are told to what asks for them: %j', (needs, told) => {
    const { env = [] } = containerOf(objectsOf({ needs, spread: 'perNode' }));
    expect(env.map(({ name }: { name: string }) => name)).toEqual(told);
  });
});

describe('the front door', () => {
  const publicPorts = [{ name: 'api', port: 10_080, publicPort: 443 }];

  const doorOf = (objects: ReturnType<typeof objectsOf>) =>
    objects.find(({ ref }) => ref.kind === 'Service' && ref.name === 'front-door');

  test('is at the addresses of nodes, which no load balancer gives it and no field that is deprecated', () => {
    const door = doorOf(objectsOf({ ports: publicPorts }));
    expect(door?.addresses).toEqual(['192.0.2.1']);
    expect(door?.manifest).toMatchObject({
      spec: {
        type: 'LoadBalancer',
        loadBalancerClass: 'gantry.org/nodes',
        allocateLoadBalancerNodePorts: false,
        ports: [{ port: 443, targetPort: 10_080 }],
      },
    });
    expect(door?.manifest).not.toHaveProperty('spec.externalIPs');
  });

  test('is at the same by externalIPs, where the cluster or its owner knows no better', () => {
    const frontDoor = { kind: 'externalIPs' as const, addresses: ['192.0.2.1'] };
    const door = doorOf(objectsOf({ ports: publicPorts }, { facts: { frontDoor } }));
    expect(door).not.toHaveProperty('addresses');
    expect(door?.manifest).toMatchObject({ spec: { type: 'ClusterIP', externalIPs: ['192.0.2.1'] } });
    expect(door?.manifest).not.toHaveProperty('spec.loadBalancerClass');
  });

  test('is also at a virtual address, on whichever node has it', async () => {
    const ips = async (publicAddress: string) => {
      const desired = await renderDesiredCloud({ facts: { publicAddress } });
      return doorOf(bundleOf(desired, 'haproxy').objects)?.addresses;
    };
    expect(await ips('192.0.2.50')).toEqual(['192.0.2.1', '192.0.2.50']);
    expect(await ips('127.0.0.1')).toEqual(['192.0.2.1']);
  });

  test('stays on the node whose address was called, where the cluster knows how', () => {
    const spec = (minorVersion: number) =>
      manifestOf(objectsOf({ ports: publicPorts }, { facts: { minorVersion } }), 'Service', 'front-door')
        .spec;
    expect(spec(35).trafficDistribution).toBe('PreferSameNode');
    expect(spec(34)).not.toHaveProperty('trafficDistribution');
  });

  test('or is a load balancer', () => {
    const facts = { frontDoor: { kind: 'loadBalancer' as const, addresses: ['192.0.2.9'] } };
    const door = doorOf(objectsOf({ ports: publicPorts }, { facts }));
    expect(door?.manifest).toMatchObject({ spec: { type: 'LoadBalancer' } });
    for (const path of ['manifest.spec.externalIPs', 'manifest.spec.loadBalancerClass', 'addresses']) {
      expect(door).not.toHaveProperty(path);
    }
  });
});

describe('what speaks UDP', () => {
  const dns: Process['ports'] = [
    { name: 'dns-tcp', port: 5354 },
    { name: 'dns', port: 5354, protocol: 'udp', publicPort: 53 },
  ];
  const objects = objectsOf({ ports: dns }, { others: [{ name: 'client', reaches: ['example'] }] });

  test('is said to the pod and at each of its names', () => {
    expect(podOf(objects).spec.containers[0].ports).toEqual([
      { containerPort: 5354, protocol: 'TCP' },
      { containerPort: 5354, protocol: 'UDP' },
    ]);
    expect(manifestOf(objects, 'Service', 'example').spec.ports).toEqual([
      { name: 'dns-tcp', port: 5354, targetPort: 5354, protocol: 'TCP' },
      { name: 'dns', port: 5354, targetPort: 5354, protocol: 'UDP' },
    ]);
  });

  test('is reached by users through a service of its own, beside the front door', () => {
    expect(names(objects, 'Service')).toEqual(['example', 'front-door-example']);
    expect(manifestOf(objects, 'Service', 'front-door-example').spec).toMatchObject({
      selector: { 'app.kubernetes.io/name': 'example' },
      ports: [{ name: 'dns', port: 53, targetPort: 5354, protocol: 'UDP' }],
    });
  });

  test('is open to all in its own protocol only', () => {
    const { ingress } = manifestOf(objects, 'NetworkPolicy', 'example').spec;
    expect(ingress.map(({ ports }: { ports: object[] }) => ports)).toEqual([
      [{ port: 5354, protocol: 'UDP' }],
      [{ port: 5354, protocol: 'TCP' }],
    ]);
  });
});

describe('who may connect', () => {
  const client = { name: 'client', reaches: ['example'] };
  const policy = (part: Partial<Process>, others: Partial<Process>[]) =>
    manifestOf(objectsOf(part, { others }), 'NetworkPolicy', 'example').spec.ingress;
  const fromPods = (...values: string[]) => ({
    podSelector: { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values }] },
  });

  test('those that say so, by any of its names, on its ports', () => {
    const others = [client, { name: 'by-alias', reaches: ['other'] }, { name: 'stranger' }];
    expect(policy({ ports, aliases: ['other'] }, others)).toEqual([
      { from: [fromPods('by-alias', 'client')], ports: [{ port: 80, protocol: 'TCP' }] },
    ]);
  });

  test('nobody, where nobody says so', () => {
    expect(names(objectsOf({ ports }, { others: [{ name: 'stranger' }] }), 'NetworkPolicy')).toEqual([]);
  });

  test("everybody, where a process on the node's network does: it has no pod to be known by", () => {
    expect(policy({ ports }, [client, { ...client, name: 'agent', needs: { hostNetwork: true } }])).toEqual([
      { ports: [{ port: 80, protocol: 'TCP' }] },
    ]);
  });

  test('everybody to what is public, and only to that', () => {
    const both = [...ports, { name: 'public', port: 443, publicPort: 443 }];
    expect(policy({ ports: both }, [client])).toEqual([
      { ports: [{ port: 443, protocol: 'TCP' }] },
      { from: [fromPods('client')], ports: [{ port: 80, protocol: 'TCP' }] },
    ]);
  });

  test('its own other instances, on any port', () => {
    expect(policy({ needs: { instanceNames: true } }, [])).toEqual([{ from: [fromPods('example')] }]);
  });
});
