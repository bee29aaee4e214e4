import { z } from 'zod';
import { GantryError } from '../errors.ts';
import { nthAddress, sizeOf } from '../model/cidr.ts';
import { type Releases, releases } from '../model/releases.ts';
import type { ServiceDefinition } from '../model/service.ts';
import {
  address,
  byName,
  checksum,
  cpuList,
  dnsLabel,
  filePath,
  hostAddress,
  hostname,
  httpUrl,
  integer,
  optionValue,
  plainValue,
  port,
  positiveNumber,
  quantity,
  refuseTwice,
  section,
  serverReachable,
  size,
  subnet,
  word,
} from '../model/settings/fields.ts';
import type { SettingsShape } from '../model/settings/settings.ts';
import { unwrap } from './schema-tree.ts';

/**
 * What cloud.yaml may say of the cloud as a whole; services say the rest. Everything has a default; the descriptions
 * become docs/configuration.md.
 * Rules that span several keys, or need the catalogue or the file system, are in check-*.ts.
 */

const publicSection = section({
  address: hostAddress('public.hostname')
    .optional()
    .describe(
      'Address on which users reach the APIs. The default is 127.0.0.1 with Docker, and the addresses of the control nodes with Kubernetes.',
    ),
  hostname: hostname()
    .optional()
    .describe(
      'Name used in the public endpoints instead of the address. Users must be able to resolve it. It may be another address as well, such as the outside one of a machine behind NAT.',
    ),
  certificate: filePath()
    .optional()
    .describe(
      "PEM file with the certificate of the public endpoints, followed by any intermediate ones. Without it the cloud's own authority issues one. A relative path starts at the directory of cloud.yaml.",
    ),
  key: filePath().optional().describe('PEM file with the private key of the certificate, not encrypted.'),
  ports: byName(port())
    .describe('Public port by name of the endpoint, where it is not to be the standard one.')
    .meta({ examples: [{ keystone: 15_000 }] }),
}).describe('The side of the cloud that its users see.');

const poolSection = section({
  start: address()
    .optional()
    .describe('First address. The default is the 20th, in a subnet smaller than /24 the 2nd.'),
  end: address()
    .optional()
    .describe('Last address. The default is the 200th, in a subnet smaller than /24 the last.'),
}).describe('Range that floating IPs and router addresses are taken from. It must not contain the gateway.');

const externalSection = section({
  subnet: subnet(29).default('10.29.29.0/24').describe('Addresses of the external network.'),
  gateway: address()
    .optional()
    .describe('Address of the gateway in the subnet. The default is the first address.'),
  pool: poolSection,
  nat: z
    .boolean()
    .default(true)
    .describe(
      "Translate addresses of the external network to the host's own on the way out. Without it the networks around the host need a route to the subnet. No effect with an interface; not on Kubernetes.",
    ),
}).describe('The network that floating IPs belong to.');

const networkSection = section({
  internal: subnet(26)
    .default('10.29.28.0/24')
    .describe(
      "Addresses of the cloud's own network, on which its processes reach each other. Not on Kubernetes, where the cluster gives them theirs.",
    ),
  external: externalSection,
  tenant: section({
    subnet: subnet(29).default('10.29.30.0/24').describe('Addresses of the network that the demo creates.'),
    dns: z
      .array(serverReachable())
      .default([])
      .describe(
        "Name servers for guests. Empty means the host's own on Docker; on Kubernetes the cluster's, which guests seldom reach, so name some there.",
      ),
  }).describe('The network that the demo puts servers on.'),
}).describe('Networks. The internal, external and tenant ranges must not overlap.');

const guestSection = z.strictObject({
  name: z
    .string()
    .min(1, 'must not be empty')
    .max(255, 'must have at most 255 characters')
    .describe('Name of the image in Glance.'),
  url: httpUrl().optional().describe('Where to download it. Give either this or `file`.'),
  file: filePath()
    .optional()
    .describe('File to upload. A relative path starts at the directory of cloud.yaml.'),
  checksum: checksum().describe('`sha256:` or `sha512:` and the hexadecimal digest of the file.'),
  format: z.enum(['qcow2', 'raw']).default('qcow2').describe('Disk format.'),
  minDisk: size('1B').optional().describe('Smallest disk it boots on, rounded up to whole GiB.'),
  minRam: size('1B').optional().describe('Least memory it boots with, rounded up to whole MiB.'),
  properties: byName(plainValue())
    .describe('Properties of the image in Glance.')
    .meta({ examples: [{ hw_rng_model: 'virtio' }] }),
});

const imagesSection = section({
  registry: word(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
    'must be a registry such as registry.example.org:5000/cloud',
  )
    .optional()
    .describe(
      "Registry to take the cloud's container images from, and to push them to. Images that it does not have are built on this machine. `builtin`, the default on Kubernetes, runs one inside the cluster; with `none` the nodes must have the images already.",
    ),
  version: word(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/,
    'must be a tag: letters, digits, dots, hyphens, underscores',
  )
    .optional()
    .describe('Version of the container images. The default is the name of the release.'),
  mirror: httpUrl().optional().describe('Debian package mirror for building images.'),
  guests: z.array(guestSection).default([]).describe('Images for servers, uploaded to Glance.'),
}).describe('Container images, and images for servers.');

const resourcesSection = section({
  memory: size('16MiB').optional().describe('Memory limit.'),
  cpus: positiveNumber(1024).optional().describe('CPU limit; fractions are allowed.'),
  cpuset: cpuList('CPUs')
    .optional()
    .describe('CPUs to run on, such as `0-3,8` (list format of cpuset(7)). Not on Kubernetes.'),
  numaNodes: cpuList('NUMA nodes')
    .optional()
    .describe('NUMA nodes to take memory from, such as `0`. Not on Kubernetes.'),
  guaranteed: z
    .boolean()
    .optional()
    .describe(
      "Request as much as the limits say, both of which must be given: Kubernetes' QoS class Guaranteed. Whole CPUs are the container's own then on nodes with the static CPU manager. Not on Docker.",
    ),
});

const kubernetesSection = section({
  namespace: dnsLabel(63)
    .optional()
    .describe('Namespace that the cloud lives in. The default is the name of the cloud.'),
  storageClass: word(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a storage class')
    .optional()
    .describe("Storage class of databases and the like. The default is the cluster's default class."),
  sharedStorageClass: word(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a storage class')
    .optional()
    .describe(
      'Storage class of data that instances on several nodes share (ReadWriteMany): images and token keys. Needed for more than one instance of glance-api or keystone-api.',
    ),
  volumeSizes: byName(quantity('1Gi'))
    .describe(
      'Sizes of volumes, by name of the volume, where they are not to be the standard ones; of a cluster, of each instance. A volume that is there grows where its storage class allows that, and never becomes smaller.',
    )
    .meta({ examples: [{ mariadb: '50Gi', glance: '200Gi' }] }),
  imagePullSecrets: z
    .array(word(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a secret'))
    .superRefine(refuseTwice((name) => name))
    .default([])
    .describe(
      'Secrets of the namespace, of type kubernetes.io/dockerconfigjson, by which nodes take images from `images.registry` where that asks for a password. They are yours: Gantry neither makes nor changes them.',
    ),
  frontDoor: z
    .enum(['nodes', 'externalIPs', 'loadBalancer'])
    .default('nodes')
    .describe(
      'How users reach the APIs: at the addresses of the control nodes, as the status of a service (with Kubernetes before 1.24, and where `externalIPs` says so, as the field of that name, which Kubernetes deprecates since 1.36), or through a load balancer that the cluster provides.',
    ),
}).describe('What applies to the engine kubernetes only.');

/** OpenStack's releases have a number as well, which is the same to its users. */
function releaseField(all: Releases) {
  const byNumber = new Map(all.map(({ name, number }) => [number, name]));
  const named = (value: unknown): unknown => byNumber.get(String(value)) ?? value;
  const numbers = all.map(({ name, number }) => `${number} is ${name}`).join(', ');
  const [first, ...others] = all.map(({ name }) => name) as [string, ...string[]];
  return z
    .preprocess(named, z.enum([first, ...others]))
    .default(first)
    .describe(`OpenStack release. Its number is taken as well: ${numbers}.`)
    .meta({ otherForms: all.flatMap(({ number }) => [number, Number(number)]) });
}

/** What belongs to the cloud as a whole; services add their own. */
const coreShape = {
  name: dnsLabel(20)
    .default('gantry')
    .describe('Name of the cloud. Containers, networks and volumes carry it; two clouds need two names.'),
  engine: z.enum(['docker', 'kubernetes']).default('docker').describe('What runs the containers.'),
  context: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe(
      "Context of the engine's own client to use: of Docker, or of the kubeconfig with Kubernetes. The default is the current one, with Docker after DOCKER_HOST and DOCKER_CONTEXT.",
    ),
  kubernetes: kubernetesSection,
  release: releaseField(releases),
  region: word(/^[A-Za-z0-9_.-]{1,255}$/, 'must be letters, digits, dots, hyphens and underscores')
    .default('RegionOne')
    .describe('Name of the region in Keystone.'),
  public: publicSection,
  network: networkSection,
  services: byName(z.boolean())
    .describe('Services switched on or off, by name.')
    .meta({ examples: [{ heat: true, horizon: false }] }),
  replicas: byName(integer(0, 100))
    .describe('How many containers of a process run. 0 switches the process off.')
    .meta({ examples: [{ 'nova-api': 2 }] }),
  workers: byName(integer(1, 256))
    .describe('How many operating system processes serve in each container of a process.')
    .meta({ examples: [{ 'nova-api': 4 }] }),
  resources: byName(resourcesSection)
    .describe(
      'Limits of each container of a process; of what runs once for each device also by the name of one, such as `ceph-osd-1`. What `others` says, a `cpuset` and `numaNodes`, holds for all processes that have none of their own.',
    )
    .meta({ examples: [{ mariadb: { memory: '512MiB', cpus: 0.5 } }] }),
  config: byName(byName(byName(optionValue())))
    .describe(
      'Options of OpenStack services by configuration file, group and name. They win over all others.',
    )
    .meta({ examples: [{ 'nova.conf': { DEFAULT: { debug: true }, api: { max_limit: 500 } } }] }),
  images: imagesSection,
  debug: z.boolean().default(false).describe('Services log at debug level.'),
};

type CoreValues = z.output<z.ZodObject<typeof coreShape>>;

const coreSchema = section(coreShape).transform(completeExternal);

/** The gateway and the pool of the external network follow its subnet. */
function completeExternal(given: CoreValues) {
  const { subnet: cidr, gateway = nthAddress(cidr, 1), pool, ...others } = given.network.external;
  const [first, last] = sizeOf(cidr) >= 256 ? [20, 200] : [2, -2];
  const { start = nthAddress(cidr, first), end = nthAddress(cidr, last) } = pool;
  const external = { ...others, subnet: cidr, gateway, pool: { start, end } };
  return { ...given, network: { ...given.network, external } };
}

/** All of cloud.yaml with defaults filled in. Sizes and durations stay text; see units.ts. Paths are absolute. */
export type CloudConfig = z.output<typeof coreSchema>;
export type CloudSchema = typeof coreSchema;
export type GuestImage = CloudConfig['images']['guests'][number];
/** The value of one oslo option, as written. */
export type OptionValue = CloudConfig['config'][string][string][string];

/** The schema of cloud.yaml: the cloud's own part, and what services say of themselves, whether they are on or off. */
export function cloudSchema(
  services: readonly Pick<ServiceDefinition, 'settings'>[],
  among: Releases = releases,
): CloudSchema {
  const own = { ...coreShape, release: releaseField(among) };
  const shapes = services.map(({ settings = {} }) => settings);
  // What services add is not in the type: each reads its own settings, by its own types.
  const whole = section([own, ...shapes].reduce<SettingsShape>(mergeShapes, {}));
  return whole.transform((given) => completeExternal(given as CoreValues)) as unknown as CloudSchema;
}

function mergeShapes(one: SettingsShape, other: SettingsShape): SettingsShape {
  const merged: Record<string, z.ZodType> = { ...one };
  for (const [key, field] of Object.entries(other)) {
    const before = one[key];
    merged[key] = before === undefined ? field : mergeSections(key, before, field);
  }
  return merged;
}

/** One section of the parts that several have in it; described where the first describes it. */
function mergeSections(key: string, one: z.ZodType, other: z.ZodType): z.ZodType {
  const [first, second] = [unwrap(one), unwrap(other)];
  if (!(first.type instanceof z.ZodObject && second.type instanceof z.ZodObject)) {
    throw new GantryError({
      code: 'catalogue.setting-twice',
      whose: 'bug',
      message: `two services have a setting ${key} in cloud.yaml`,
    });
  }
  const description = first.description ?? second.description;
  const merged = section(mergeShapes(first.type.shape, second.type.shape));
  return description === undefined ? merged : merged.describe(description);
}
