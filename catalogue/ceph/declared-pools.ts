import type { RenderContext } from '../../src/model/context.ts';
import type { PoolsNeed } from '../../src/model/declaration.ts';
import { file } from '../../src/model/make.ts';
import { users } from '../../src/model/users.ts';
import type { RenderedFile } from '../../src/model/workload.ts';
import { serverName } from '../common/file-servers.ts';
import { type Caps, clientCaps, keyringSection, poolClients } from './config.ts';
import { CLIENTS_KEYRING } from './names.ts';

/** What services declare to have in the cluster (PoolsNeed): the job makes it, and no daemon starts again for it. */
type Context = Pick<RenderContext, 'declared' | 'logins' | 'replicas' | 'secret'>;

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

/** All of them, and servers of file systems, as they are let in now. Which of two is in use is no matter of the cluster: their order is that of names. */
export function clientsKeyring(context: Context): RenderedFile {
  const caps: Record<string, Caps> = Object.fromEntries([
    ...Object.entries(poolClients).map(([use, { name }]) => [
      name,
      clientCaps[use as keyof typeof poolClients],
    ]),
    ...context.declared.pools.map((need) => [need.client, capsOf(need)]),
  ]);
  const sections = clientsOf(context).flatMap(({ user, secret }) =>
    context
      .logins(user, secret)
      .map((one) => keyringSection(`client.${one.login}`, context.secret(one.secret), caps[user] ?? {})),
  );
  const servers = context.declared.pools.flatMap((need) => serverSections(need, context));
  return file(CLIENTS_KEYRING, [...sections, ...servers].sort().join(''), { gid: users.ceph });
}

/** The file systems, each with how many servers wait for the one that serves. */
export function fileSystemsOf(context: Context): object[] {
  return context.declared.pools.flatMap((need) =>
    need.fileSystem
      ? [
          {
            name: need.fileSystem.name,
            ...need.fileSystem.pools,
            standbys: Math.max(0, serversOf(need, context).length - 1),
          },
        ]
      : [],
  );
}

/** The processes that serve them: the manager and tools of operators are clients of these. */
export function fileServers({ declared }: Pick<Context, 'declared'>): string[] {
  return declared.pools.flatMap(({ fileSystem }) => (fileSystem ? [fileSystem.servers.process] : []));
}

/** All in pools of the application, and to ask where these are; or what the manager does for whoever shares files. */
function capsOf({ application, fileSystem }: PoolsNeed): Caps {
  return fileSystem
    ? { mon: 'allow r', mgr: 'allow module volumes rw' }
    : { mon: 'allow r', osd: `allow rwx tag ${application} *=*` };
}

/** https://docs.ceph.com/en/reef/cephfs/add-remove-mds/, with less of the OSDs: as Ceph's own orchestrator has it. */
const serverCaps: Caps = {
  mon: 'allow profile mds',
  mgr: 'allow profile mds',
  osd: 'allow rw tag cephfs *=*',
  mds: 'allow',
};

function serverSections(need: PoolsNeed, context: Pick<Context, 'replicas' | 'secret'>): string[] {
  if (!need.fileSystem) return [];
  const key = context.secret(need.fileSystem.servers.secret);
  return serversOf(need, context).map((name) => keyringSection(name, key, serverCaps));
}

function serversOf({ fileSystem }: PoolsNeed, { replicas }: Pick<Context, 'replicas'>): string[] {
  if (!fileSystem) return [];
  const count = replicas(fileSystem.servers.process);
  return Array.from({ length: count }, (_, ordinal) => serverName(ordinal));
}
