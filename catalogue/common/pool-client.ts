import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import type { CephAccess, PoolClient } from '../../src/model/offers.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { monitorPatience } from './monitor-patience.ts';

export const CEPH_FILE = `${CONFIG_DIR}/ceph.conf`;

/** How a cluster is reached, and with whose key. A cluster that does not answer is given up after a minute. */
export function poolClientFiles(
  context: RenderContext,
  { cluster, monitors }: Pick<CephAccess, 'cluster' | 'monitors'>,
  { name, secret }: PoolClient,
  gid: number,
): RenderedFile[] {
  // os-brick looks for it by this name in /etc/ceph, which leads here (os_brick/initiator/connectors/rbd.py).
  const keyring = `${CONFIG_DIR}/ceph.client.${name}.keyring`;
  const settings = `[global]
fsid = ${cluster}
mon_host = ${monitors.join()}
${monitorPatience}log_to_file = false

[client]
keyring = ${keyring}
client_mount_timeout = 60
rados_mon_op_timeout = 60
`;
  return [
    file(CEPH_FILE, settings, { gid }),
    file(keyring, `[client.${name}]\n\tkey = ${context.secret(secret)}\n`, { gid }),
  ];
}
