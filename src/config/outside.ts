import { z } from 'zod';
import type { OutsideName } from '../model/settings/settings.ts';
import { unwrap } from './schema-tree.ts';

/**
 * Every value of the cloud's own part of cloud.yaml that names something outside of it, by dotted path; services say it
 * of theirs. What is checked here is known before it harms; a test refuses a key that is neither here nor below.
 */
export const outsideNames: Readonly<Record<string, OutsideName>> = {
  name: {
    names:
      'containers, networks and volumes of the engine, the namespace of the cluster, bridges of the machine',
    checks: [
      { when: 'load', by: 'config.reserved-name' },
      { when: 'plan', by: 'namespace' },
      { when: 'up', by: 'other clouds' },
    ],
  },
  engine: { names: 'what runs the containers', checks: [{ when: 'up', by: 'engine' }] },
  context: {
    names: "a context of the engine's own client",
    checks: [
      { when: 'run', by: 'docker.unknown-context' },
      { when: 'run', by: 'kubernetes.unknown-context' },
    ],
  },
  'kubernetes.namespace': {
    names: 'a namespace of the cluster',
    checks: [
      { when: 'load', by: 'config.reserved-namespace' },
      { when: 'plan', by: 'namespace' },
      { when: 'up', by: 'rights' },
      { when: 'up', by: 'pod security' },
    ],
  },
  'kubernetes.storageClass': { names: 'a storage class', checks: [{ when: 'up', by: 'storageClass' }] },
  'kubernetes.sharedStorageClass': {
    names: 'a storage class',
    checks: [{ when: 'up', by: 'sharedStorageClass' }],
  },
  'kubernetes.imagePullSecrets': {
    names: 'secrets of the namespace',
    checks: [{ when: 'up', by: 'imagePullSecrets' }],
  },
  'kubernetes.volumeSizes': {
    names: 'volumes of the cluster, with what they can hold',
    checks: [
      { when: 'load', by: 'volume' },
      { when: 'plan', by: 'plan.volume-size' },
    ],
  },
  'kubernetes.frontDoor': {
    names: 'addresses of nodes, or a load balancer of the cluster',
    checks: [
      { when: 'load', by: 'config.node-port' },
      { when: 'up', by: 'front door' },
      { when: 'up', by: 'kube-proxy' },
    ],
  },
  'public.address': {
    names: 'an address of the machine, or of the cluster',
    checks: [
      { when: 'load', by: 'config.no-public-address' },
      { when: 'plan', by: 'public address' },
      { when: 'up', by: 'front door' },
    ],
  },
  'public.hostname': { names: 'a name that users resolve', checks: [{ when: 'up', by: 'public hostname' }] },
  'public.certificate': {
    names: 'a file of this machine',
    checks: [
      { when: 'load', by: 'config.missing-file' },
      { when: 'load', by: 'config.certificate' },
    ],
  },
  'public.key': {
    names: 'a file of this machine',
    checks: [
      { when: 'load', by: 'config.missing-file' },
      { when: 'load', by: 'config.certificate' },
    ],
  },
  'public.ports': {
    names: 'ports of the machine, or of nodes',
    checks: [
      { when: 'load', by: 'config.port-twice' },
      { when: 'load', by: 'config.node-port' },
      { when: 'up', by: 'ports' },
    ],
  },
  'network.internal': {
    names: 'addresses that nothing around the cloud may have',
    checks: [
      { when: 'load', by: 'config.overlap' },
      { when: 'up', by: 'range: ' },
    ],
  },
  'network.external.subnet': {
    names: 'addresses of the network outside',
    checks: [
      { when: 'load', by: 'config.overlap' },
      { when: 'up', by: 'range: ' },
    ],
  },
  'network.external.gateway': {
    names: 'an address of the network outside',
    checks: [{ when: 'load', by: 'config.outside-subnet' }],
  },
  'network.external.pool.start': {
    names: 'addresses that the cloud may have of the network outside',
    checks: [
      { when: 'load', by: 'config.outside-subnet' },
      { when: 'plan', by: 'external pool' },
    ],
  },
  'network.external.pool.end': {
    names: 'addresses that the cloud may have of the network outside',
    checks: [
      { when: 'load', by: 'config.outside-subnet' },
      { when: 'plan', by: 'external pool' },
    ],
  },
  'network.tenant.subnet': {
    names: 'addresses that nothing around the cloud may have',
    checks: [
      { when: 'load', by: 'config.overlap' },
      { when: 'up', by: 'range: ' },
    ],
  },
  'network.tenant.dns': {
    names: 'name servers that servers of the cloud reach',
    checks: [{ when: 'load', by: 'config.invalid-value' }],
  },
  resources: {
    names: 'memory and processors of the machine, or of nodes',
    checks: [{ when: 'up', by: 'resources' }],
  },
  'images.registry': { names: 'a registry of container images', checks: [{ when: 'up', by: 'registry' }] },
  'images.mirror': {
    names: 'an archive of Debian packages',
    checks: [{ when: 'up', by: 'package archive' }],
  },
  'images.guests[].url': { names: 'a file on the web', checks: [{ when: 'run', by: 'checksum' }] },
  'images.guests[].file': {
    names: 'a file of this machine',
    checks: [{ when: 'load', by: 'config.missing-file' }],
  },
};

/** Values that mean something inside the cloud only: what they may be is all that is to be checked. */
export const insideKeys: readonly string[] = [
  'release',
  'region',
  'network.external.nat',
  'services',
  'replicas',
  'workers',
  'config',
  'images.version',
  'images.guests[].name',
  'images.guests[].checksum',
  'images.guests[].format',
  'images.guests[].minDisk',
  'images.guests[].minRam',
  'images.guests[].properties',
  'debug',
];

/** By dotted path, what services say of their own settings. */
export function outsideOf(
  schema: z.core.$ZodType,
  path: readonly string[] = [],
): Record<string, OutsideName> {
  const { type, outside } = unwrap(schema);
  if (outside) return { [path.join('.')]: outside };
  if (!(type instanceof z.ZodObject)) return {};
  const inner = Object.entries(type.shape).map(([key, field]) =>
    outsideOf(field as z.ZodType, [...path, key]),
  );
  return Object.assign({}, ...inner) as Record<string, OutsideName>;
}
