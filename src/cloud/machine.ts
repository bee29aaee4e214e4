import { lookup } from 'node:dns/promises';
import { externalRegistry } from '../config/registry.ts';
import type { CloudConfig } from '../config/schema.ts';
import { GantryError } from '../errors.ts';
import { checkAccelerators, checkUntried } from '../model/accelerator.ts';
import type { Hypervisor } from '../model/declaration.ts';
import type { TakenByGantry } from '../model/desired.ts';
import type { Finding } from '../model/finding.ts';
import { cpuSetsOf } from '../resolve/cpu-sets.ts';
import { readAccelerators } from './accelerators.ts';
import { warn } from './caller.ts';
import type { Cloud } from './cloud.ts';
import { dockerContext } from './configured.ts';
import { kubernetesSettings, listPublished, warnOfApi } from './engine.ts';
import { checkAttached, wireOf } from './external-network.ts';

/** Every check of what the cloud is to run on, a machine or a cluster; changes nothing. */
export async function checkMachine(cloud: Cloud): Promise<Finding[]> {
  const ranges = [{ name: 'tenant', subnet: cloud.config.network.tenant.subnet }];
  const hostname = await checkHostname(cloud.config.public.hostname);
  if (cloud.engine.name === 'kubernetes') {
    return [
      ...(await checkKubernetes(cloud, ranges)),
      ...checkAttached(cloud),
      ...checkOwnRegistry(cloud),
      ...hostname,
    ];
  }
  const { preflight } = await import('../../engines/docker/preflight.ts');
  const { http_proxy: lower, HTTP_PROXY: upper } = process.env;
  const findings = await preflight({
    desired: cloud.desired,
    ranges,
    wire: wireOf(cloud),
    cpuSets: cpuSetsOf(cloud.services, cloud.config),
    reservedMemoryMiB: cloud.declared.hypervisors[0]?.reservedMemoryMiB ?? 0,
    packageArchive: new URL(cloud.config.images.mirror ?? 'http://deb.debian.org').hostname,
    proxied: Boolean(lower ?? upper),
    accelerators: () => findAccelerators(cloud),
    virtType: virtTypeOf(cloud),
    connect: cloud.docker,
    now: Date.now,
  });
  return [...findings, ...checkOwnRegistry(cloud), ...hostname];
}

/** Users need not be here; what runs here, such as demo and verify, is a user as well. */
async function checkHostname(hostname: string | undefined): Promise<Finding[]> {
  if (hostname === undefined) return [];
  const check = 'public hostname';
  try {
    const { address } = await lookup(hostname);
    return [{ check, level: 'ok', message: hostname === address ? hostname : `${hostname} is ${address}` }];
  } catch {
    return [
      {
        check,
        level: 'warning',
        message: `${hostname} has no address here: commands of this machine do not reach the public endpoints`,
        next: 'Add it to the name service of users, or to /etc/hosts.',
      },
    ];
  }
}

/** Of these checks the ones of what the cloud would take from others: interfaces of the machine or of nodes, a namespace. */
export async function checkHarm(cloud: Cloud): Promise<Finding[]> {
  return [...checkOwnRegistry(cloud), ...(await checkTaken(cloud))];
}

/** A database that is started on another node would wait for an image that the registry cannot give without the database. */
export function checkOwnRegistry({
  config,
  desired: { containerRegistry },
}: {
  config: CloudConfig;
  desired: TakenByGantry;
}): Finding[] {
  const [host] = (externalRegistry(config) ?? '').split('/');
  if (containerRegistry?.address !== host) return [];
  return [
    {
      check: 'registry',
      level: 'error',
      message: `images.registry names ${host}, the cloud's own registry, which gives nothing while the cloud is down`,
      next: 'Name one that does not need this cloud, or leave images.registry out.',
    },
  ];
}

async function checkTaken(cloud: Cloud): Promise<Finding[]> {
  const { config, desired } = cloud;
  if (cloud.engine.name === 'kubernetes') {
    const { checkHarm } = await import('../../engines/kubernetes/preflight/preflight.ts');
    const settings = kubernetesSettings(config);
    return checkHarm({ environment: process.env, context: config.context, settings, wire: wireOf(cloud) });
  }
  const docker = await import('../../engines/docker/wire.ts');
  return docker.checkWire({ desired, wire: wireOf(cloud) }, await cloud.docker());
}

/** Throws `machine.unfit` with all that stands in the way; warns of the rest. */
export function refuseUnfit(
  { config, emit }: Pick<Cloud, 'config' | 'emit'>,
  findings: readonly Finding[],
): void {
  for (const finding of findings) {
    if (finding.level === 'warning') warn(emit, `${finding.check}: ${finding.message}`);
  }
  const errors = findings.filter((finding) => finding.level === 'error');
  if (errors.length === 0) return;
  throw new GantryError({
    code: 'machine.unfit',
    whose: 'environment',
    message: `this ${config.engine === 'kubernetes' ? 'cluster' : 'machine'} cannot run the cloud as it is`,
    why: errors
      .map(({ check, message, next }) => `${check}: ${message}${next ? ` (${next})` : ''}`)
      .join('\n'),
    next: 'run "gantry doctor" for all checks; nothing was changed',
  });
}

async function checkKubernetes(cloud: Cloud, ranges: { name: string; subnet: string }[]): Promise<Finding[]> {
  const { config, desired, emit } = cloud;
  const { preflight } = await import('../../engines/kubernetes/preflight/preflight.ts');
  return preflight({
    environment: process.env,
    context: config.context,
    settings: kubernetesSettings(config),
    desired,
    wire: wireOf(cloud),
    cpuSets: cpuSetsOf(cloud.services, config),
    ranges: [...ranges, { name: 'external', subnet: config.network.external.subnet }],
    accelerators: async () => {
      const found = await findAccelerators(cloud);
      return found.length > 0 || !desired.hypervisor ? found : [checkUntried(undefined, virtTypeOf(cloud))];
    },
    askRegistry: (registry) => listPublished([], registry),
    admits: async (registry, account) => {
      const { findPublished } = await import('../images/published.ts');
      const [first] = desired.images.map(({ reference }) => reference);
      return findPublished(first === undefined ? [] : [first], { registry, account });
    },
    onWarning: (warning) => warnOfApi(emit, warning),
  });
}

/** Installs and starts Docker Engine where there is none; says what it does. */
export async function installDocker(
  config: CloudConfig,
  { signal, say }: { signal: AbortSignal; say: (text: string) => void },
): Promise<void> {
  const { installEngine } = await import('../../engines/docker/install.ts');
  await installEngine({ signal, environment: process.env, context: dockerContext(config), onProgress: say });
}

/** Empty where the cloud runs on no node yet, or the engine does not answer: its own checks say so. */
async function findAccelerators(cloud: Cloud): Promise<Finding[]> {
  try {
    const { instances } = await cloud.look();
    const nodes = await readAccelerators(cloud, instances);
    return checkAccelerators(nodes, virtTypeOf(cloud));
  } catch (thrown) {
    if (thrown instanceof GantryError) return [];
    throw thrown;
  }
}

function virtTypeOf({ declared }: Cloud): Hypervisor['virtType'] {
  return declared.hypervisors[0]?.virtType ?? 'auto';
}
