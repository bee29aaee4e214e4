import { GantryError } from '../errors.ts';
import type { RegistryAccess } from '../model/offers.ts';
import type { RenderedFile } from '../model/workload.ts';
import { type Caller, warn } from './caller.ts';
import { type Cloud, openRunningCloud } from './cloud.ts';
import type { Configured } from './configured.ts';

/** What a client of container images logs in with. */
export interface RegistryLogin extends Pick<RegistryAccess, 'address' | 'user'> {
  password: string;
}

/** Undefined where the cloud has no registry for users. */
export function loginOf({ desired, secrets }: Pick<Cloud, 'desired' | 'secrets'>): RegistryLogin | undefined {
  const { containerRegistry: registry } = desired;
  return (
    registry && { address: registry.address, user: registry.user, password: secrets.get(registry.secret) }
  );
}

/** Throws `registry.none` where the cloud has none for users. */
export async function readRegistryLogin(configured: Configured, caller: Caller): Promise<RegistryLogin> {
  const cloud = await openRunningCloud(configured, {}, caller);
  return loginOf(cloud) ?? refuseWithoutRegistry(cloud);
}

/**
 * What a process of the registry outside of the cloud starts from. Tells of an address that no other machine reaches.
 * Throws `registry.none` where the cloud has none for users.
 */
export async function readRegistryElsewhere(
  configured: Configured,
  caller: Caller,
): Promise<readonly RenderedFile[]> {
  const cloud = await openRunningCloud(configured, {}, caller);
  const { elsewhere } = cloud.desired.containerRegistry ?? refuseWithoutRegistry(cloud);
  const { publicAddress } = cloud.desired;
  if (publicAddress.startsWith('127.')) {
    const advice = 'set public.address in cloud.yaml, run "gantry up", and this again';
    warn(cloud.emit, `other machines do not reach the cloud at ${publicAddress}: ${advice}`);
  }
  return elsewhere;
}

function refuseWithoutRegistry({ config }: Pick<Cloud, 'config'>): never {
  throw new GantryError({
    code: 'registry.none',
    whose: 'user',
    message: `the cloud ${config.name} has no registry for users`,
    next: 'set services.registry, and what it is kept in, to true in cloud.yaml and run "gantry up"',
  });
}
