import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { users } from '../../src/model/users.ts';
import type { RenderedFile } from '../../src/model/workload.ts';
import { DECLARED_KEYRING } from './names.ts';

/** What services declare to have in the cluster (PoolsNeed): the job makes it, and no daemon starts again for it. */
type Context = Pick<RenderContext, 'declared' | 'secret'>;

/** By pool, the placement groups on one OSD of one copy. */
export function declaredGroups({ declared }: Context): Record<string, number> {
  return Object.assign({}, ...declared.pools.map(({ groups }) => groups));
}

/** By pool, what it is for. */
export function applicationsOf({ declared }: Context): Record<string, string> {
  return Object.fromEntries(
    declared.pools.flatMap(({ application, groups }) =>
      Object.keys(groups).map((pool) => [pool, application]),
    ),
  );
}

/** The clients with their keys and what they may: all in pools of their application, and to ask where these are. */
export function declaredKeyring({ declared, secret }: Context): RenderedFile[] {
  if (declared.pools.length === 0) return [];
  const sections = declared.pools.map(
    ({ client, secret: key, application }) => `[client.${client}]
\tkey = ${secret(key)}
\tcaps mon = "allow r"
\tcaps osd = "allow rwx tag ${application} *=*"
`,
  );
  return [file(DECLARED_KEYRING, sections.join(''), { gid: users.ceph })];
}
