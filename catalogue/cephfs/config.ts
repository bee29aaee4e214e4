import { type RenderContext, spansNodes } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import type { PoolClient } from '../../src/model/offers.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { serverName } from '../common/file-servers.ts';
import { CEPH_FILE, poolClientFiles } from '../common/pool-client.ts';
import { CLIENT, PROCESS } from './names.ts';

export const SERVER_KEY = 'ceph-mds-key';
export const CLIENT_KEY = 'ceph-subvolumes-key';
/** A server listens at one, for clients and for other servers. */
export const SERVER_PORTS = [6800] as const;

export const pools = { metadata: 'cephfs_metadata', data: 'cephfs_data' } as const;
/** Beside all other pools: an OSD has less than 250 then, too, when others have gone (see shape-cluster). */
export const groups = { [pools.metadata]: 4, [pools.data]: 8 };

const MDS_KEYRING = `${CONFIG_DIR}/mds.keyring`;

/** As the servers, and for the client, by which operators and `gantry verify` make subvolumes here. */
export function configFiles(context: RenderContext): RenderedFile[] {
  const [ceph, ...keyrings] = poolClientFiles(
    context,
    take(context, 'cephCluster'),
    fileClient(context),
    users.ceph,
  );
  const key = context.secret(SERVER_KEY);
  const servers = Array.from(
    { length: context.replicas(PROCESS) },
    (_, ordinal) => `[${serverName(ordinal)}]\n\tkey = ${key}\n`,
  );
  return [
    file(CEPH_FILE, `${ceph?.content}\n${serverSection(context)}`, { gid: users.ceph }),
    ...keyrings,
    file(MDS_KEYRING, servers.join(''), { gid: users.ceph }),
  ];
}

/** As whom subvolumes are made: it has two names that take turns. */
export function fileClient({ logins }: Pick<RenderContext, 'logins'>): PoolClient {
  const [{ login: name, secret }] = logins(CLIENT, CLIENT_KEY);
  return { name, secret };
}

/** An address of its own: see `ownAddress` of catalogue/ceph/config.ts. */
function serverSection(context: RenderContext): string {
  return `[mds]
keyring = ${MDS_KEYRING}
ms_bind_msgr1 = false
ms_bind_port_min = ${SERVER_PORTS[0]}
ms_bind_port_max = ${SERVER_PORTS[0] + 1}
${spansNodes(context) ? 'public_network = 0.0.0.0/0\n' : ''}`;
}
