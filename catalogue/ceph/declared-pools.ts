import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { users } from '../../src/model/users.ts';
import type { RenderedFile } from '../../src/model/workload.ts';
import { type Caps, clientCaps, keyringSection, poolClients } from './config.ts';
import { CLIENTS_KEYRING } from './names.ts';

/** What services declare to have in the cluster (PoolsNeed): the job makes it, and no daemon starts again for it. */
type Context = Pick<RenderContext, 'declared' | 'logins' | 'secret'>;

/** By pool, the placement groups on one OSD of one copy. */
export function declaredGroups({ declared }: Pick<Context, 'declared'>): Record<string, number> {
  return Object.assign({}, ...declared.pools.map(({ groups }) => groups));
}

/** By pool, what it is for. */
export function applicationsOf({ declared }: Pick<Context, 'declared'>): Record<string, string> {
  return Object.fromEntries(
    declared.pools.flatMap(({ application, groups }) =>
      Object.keys(groups).map((pool) => [pool, application]),
    ),
  );
}

/** Each user of pools, by its own name, with the secret that is its key. */
export function clientsOf({ declared }: Pick<Context, 'declared'>): { user: string; secret: string }[] {
  return [
    ...Object.values(poolClients).map(({ name, secret }) => ({ user: name, secret })),
    ...declared.pools.map(({ client, secret }) => ({ user: client, secret })),
  ];
}

/** All of them as they are let in now. Which of two is in use is no matter of the cluster: their order is that of names. */
export function clientsKeyring(context: Context): RenderedFile {
  const caps: Record<string, Caps> = Object.fromEntries([
    ...Object.entries(poolClients).map(([use, { name }]) => [
      name,
      clientCaps[use as keyof typeof poolClients],
    ]),
    // All in pools of their application, and to ask where these are.
    ...context.declared.pools.map(({ client, application }) => [
      client,
      { mon: 'allow r', osd: `allow rwx tag ${application} *=*` },
    ]),
  ]);
  const sections = clientsOf(context).flatMap(({ user, secret }) =>
    context
      .logins(user, secret)
      .map((one) => keyringSection(`client.${one.login}`, context.secret(one.secret), caps[user] ?? {})),
  );
  return file(CLIENTS_KEYRING, sections.sort().join(''), { gid: users.ceph });
}
