import { join, resolve } from 'node:path';

/** Which cloud is meant, and what is said of it beside cloud.yaml. */
export interface CloudChoice {
  /** Path of cloud.yaml; by default the one of the working directory, where there is one. */
  file?: string;
  name?: string;
  engine?: 'docker' | 'kubernetes';
  context?: string;
  /** Values by dotted path that win over cloud.yaml. */
  overrides?: Record<string, unknown>;
}

/** Where secrets and the authority are kept: GANTRY_STATE, else /var/lib/gantry for root, else in the home directory. */
export function stateBase(environment: NodeJS.ProcessEnv, uid: number): string {
  if (environment.GANTRY_STATE) return resolve(environment.GANTRY_STATE);
  if (uid === 0) return '/var/lib/gantry';
  return resolve(environment.XDG_STATE_HOME ?? `${environment.HOME ?? '.'}/.local/state`, 'gantry');
}

/**
 * Where is kept what can be made again, whatever cloud it was made for: GANTRY_CACHE, else /var/cache/gantry for root,
 * else in the home directory.
 */
export function cacheBase(environment: NodeJS.ProcessEnv, uid: number): string {
  if (environment.GANTRY_CACHE) return resolve(environment.GANTRY_CACHE);
  if (uid === 0) return '/var/cache/gantry';
  return join(environment.XDG_CACHE_HOME ?? join(environment.HOME ?? '.', '.cache'), 'gantry');
}
