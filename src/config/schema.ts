import { z } from 'zod';
import { nthAddress, sizeOf } from '../model/cidr.ts';
import {
  address,
  byName,
  checksum,
  dnsLabel,
  duration,
  filePath,
  hostAddress,
  hostname,
  httpUrl,
  integer,
  interfaceName,
  optionValue,
  plainValue,
  port,
  positiveNumber,
  quantity,
  section,
  serverReachable,
  size,
  subnet,
  word,
} from '../model/settings/fields.ts';

/**
 * What cloud.yaml may say. Everything has a default; the descriptions become docs/configuration.md.
 * Rules that span several keys, or need the catalogue or the file system, are in checks-*.ts.
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
  interface: interfaceName()
    .optional()
    .describe(
      'Network interface of the host to attach the external network to. Without it the external network exists on the host only. One with an address or a route of the host is refused.',
    ),
  takeAddress: z
    .boolean()
    .default(false)
    .describe(
      'Attach the interface though it has addresses or routes of the host, which do not work any more from then on: for those who move them to `br-ex` or another interface themselves.',
    ),
  nat: z
    .boolean()
    .default(true)
    .describe(
      "Translate addresses of the external network to the host's own on the way out. Without it the networks around the host need a route to the subnet. No effect with an interface; not on Kubernetes.",
    ),
  physicalNetwork: word(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, hyphens and underscores')
    .default('external')
    .describe("Neutron's name of the physical network."),
})
  .transform((external) => ({
    ...external,
    gateway: external.gateway ?? nthAddress(external.subnet, 1),
    pool: completePool(external.pool, external.subnet),
  }))
  .describe('The network that floating IPs belong to.');

function completePool(given: { start?: string | undefined; end?: string | undefined }, cidr: string) {
  const [first, last] = sizeOf(cidr) >= 256 ? [20, 200] : [2, -2];
  return { start: given.start ?? nthAddress(cidr, first), end: given.end ?? nthAddress(cidr, last) };
}

const networkSection = section({
  driver: z.enum(['ovn']).default('ovn').describe("Neutron's network driver."),
  internal: subnet(26)
    .default('10.29.28.0/24')
    .describe(
      "Addresses of the cloud's own network, on which its processes reach each other. Not on Kubernetes, where the cluster gives them theirs.",
    ),
  mtu: integer(576, 65_535)
    .optional()
    .describe(
      'Largest packet, in bytes, that the network below carries: the interface of the external network, and on Kubernetes the network between the nodes. 1500 where not given. Networks of servers get what is left of it.',
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

const computeSection = section({
  virtType: z
    .enum(['auto', 'kvm', 'qemu'])
    .default('auto')
    .describe(
      'How servers are run. `auto` is `kvm` on nodes where a tiny guest boots with it, else `qemu`; with `kvm` the others run no servers, and `up` says why.',
    ),
  cpuRatio: positiveNumber(1000)
    .optional()
    .describe("Virtual CPUs per CPU of the host; Nova's own default if not given."),
  ramRatio: positiveNumber(1000)
    .optional()
    .describe("Memory of servers per memory of the host; Nova's own default if not given."),
  reservedMemory: size('1B').optional().describe('Memory of the host that servers do not get.'),
}).describe('The compute service.');

const resourcesSection = section({
  memory: size('16MiB').optional().describe('Memory limit.'),
  cpus: positiveNumber(1024).optional().describe('CPU limit; fractions are allowed.'),
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
  frontDoor: z
    .enum(['nodes', 'externalIPs', 'loadBalancer'])
    .default('nodes')
    .describe(
      'How users reach the APIs: at the addresses of the control nodes, as the status of a service (with Kubernetes before 1.24, and where `externalIPs` says so, as the field of that name, which Kubernetes deprecates since 1.36), or through a load balancer that the cluster provides.',
    ),
}).describe('What applies to the engine kubernetes only.');

/** OpenStack's releases have a number as well, which is the same to its users. */
const RELEASE_NUMBERS: Record<string, string> = { '2025.1': 'epoxy' };

function release() {
  const named = (value: unknown): unknown => RELEASE_NUMBERS[String(value)] ?? value;
  return z
    .preprocess(named, z.enum(['epoxy']))
    .default('epoxy')
    .describe('OpenStack release. Its number, 2025.1, is taken as well.');
}

export const cloudSchema = section({
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
  release: release(),
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
    .describe('Limits of each container of a process.')
    .meta({ examples: [{ mariadb: { memory: '512MiB', cpus: 0.5 } }] }),
  config: byName(byName(byName(optionValue())))
    .describe(
      'Options of OpenStack services by configuration file, group and name. They win over all others.',
    )
    .meta({ examples: [{ 'nova.conf': { DEFAULT: { debug: true }, api: { max_limit: 500 } } }] }),
  images: imagesSection,
  notifications: z.boolean().default(false).describe('Services send notifications over the message broker.'),
  debug: z.boolean().default(false).describe('Services log at debug level.'),
  compute: computeSection,
  rotation: section({
    fernet: duration('1m').default('24h').describe("How often Keystone's token keys are rotated."),
  }).describe('How often keys are changed.'),
});

/** All of cloud.yaml with defaults filled in. Sizes and durations stay text; see units.ts. Paths are absolute. */
export type CloudConfig = z.output<typeof cloudSchema>;
export type GuestImage = CloudConfig['images']['guests'][number];
/** The value of one oslo option, as written. */
export type OptionValue = CloudConfig['config'][string][string][string];

export function defaultCloudConfig(): CloudConfig {
  return cloudSchema.parse({});
}
