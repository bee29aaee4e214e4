import { GantryError } from '../errors.ts';
import type { RegistryAccess } from '../model/offers.ts';
import type { Caller } from './caller.ts';
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
  const login = loginOf(cloud);
  if (login) return login;
  throw new GantryError({
    code: 'registry.none',
    whose: 'user',
    message: `the cloud ${cloud.config.name} has no registry for users`,
    next: 'set services.registry, and what it is kept in, to true in cloud.yaml and run "gantry up"',
  });
}
