import { createHash } from 'node:crypto';
import { type Login, type RenderContext, spansNodes } from '../../src/model/context.ts';
import { keptNames } from '../../src/model/kept-names.ts';
import { file } from '../../src/model/make.ts';
import type { HypervisorClient } from '../../src/model/offers.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { monitorPatience } from '../common/monitor-patience.ts';
import { MONITOR } from './names.ts';
import type { CephSettings } from './settings.ts';

export const MONITOR_PORT = 3300;
/** An OSD listens at four: for clients, for other OSDs, and for heartbeats on both sides. The manager at one. */
export const DAEMON_PORTS = [6800, 6801, 6802, 6803] as const;

/** Block devices of servers, images that they start from, and disks that servers have from their beginning. */
export const pools = { volumes: 'volumes', images: 'images', servers: 'servers' } as const;
/**
 * The users of pools, by the pool that is theirs. Each has two names that take turns, `openstack` and `openstack-b`: what has a
 * volume open has the key of the one by which it was opened. What has a volume remembers the name and the UUID by which
 * hypervisors know the key: in clouds that there are, these are those of the first.
 */
export const poolClients = {
  volumes: { name: 'openstack', secret: 'ceph-client-key', uuid: 'ceph-fsid' },
  images: { name: 'images', secret: 'ceph-images-key' },
  servers: { name: 'servers', secret: 'ceph-servers-key', uuid: 'ceph-servers-uuid' },
} as const;

type Context = RenderContext<CephSettings>;
/** What a user may, by the kind of daemon that is asked. */
export type Caps = Record<string, string>;

/** What keeps the cluster, with the secret that is the key of each and what it may. */
const ownUsers = {
  'mon.': { secret: 'ceph-mon-key', caps: { mon: 'allow *' } },
  'client.admin': {
    secret: 'ceph-admin-key',
    caps: { mon: 'allow *', mgr: 'allow *', osd: 'allow *', mds: 'allow *' },
  },
  'mgr.a': { secret: 'ceph-mgr-key', caps: { mon: 'allow profile mgr', osd: 'allow *', mds: 'allow *' } },
  // See start-osd.
  'client.osd-maker': {
    secret: 'ceph-osd-maker-key',
    caps: {
      mon: [
        'allow profile bootstrap-osd',
        'allow command "osd ls-tree"',
        'allow command "osd crush move" with name prefix ceph-',
        'allow command "config-key exists" with key prefix gantry/removed/',
      ].join(', '),
    },
  },
} satisfies Record<string, { secret: string; caps: Caps }>;

/** What each of them may; volumes and disks are made of images, and images of disks. */
export const clientCaps: Record<keyof typeof poolClients, Caps> = {
  volumes: poolCaps({ own: [pools.volumes], read: [pools.images] }),
  images: poolCaps({ own: [pools.images] }),
  servers: poolCaps({ own: [pools.servers, pools.images] }),
};

/** https://docs.ceph.com/en/reef/rbd/rbd-openstack/ */
function poolCaps({ own, read = [] }: { own: string[]; read?: string[] }): Caps {
  const ofPools = [
    ...own.map((pool) => `profile rbd pool=${pool}`),
    ...read.map((pool) => `profile rbd-read-only pool=${pool}`),
  ].join(', ');
  return { mon: 'profile rbd', mgr: ofPools, osd: ofPools };
}

export const secrets = [
  { name: 'ceph-fsid', kind: 'uuid' as const },
  { name: poolClients.servers.uuid, kind: 'uuid' as const },
  ...[...Object.values(ownUsers), ...Object.values(poolClients)].map(({ secret }) => ({
    name: secret,
    kind: 'cephx' as const,
  })),
];

/** The keys of what keeps the cluster, or of those named, with what they may: daemons start again where one changes. */
export function keyring(context: Context, names = Object.keys(ownUsers)): RenderedFile {
  const sections = Object.entries(ownUsers)
    .filter(([name]) => names.includes(name))
    .map(([name, { secret, caps }]) => keyringSection(name, context.secret(secret), caps));
  return file(`${CONFIG_DIR}/keyring`, sections.join(''), { gid: users.ceph });
}

/** As `ceph auth import` takes it. */
export function keyringSection(name: string, key: string, caps: Caps): string {
  const rights = Object.entries(caps).map(
    ([of, what]) => `\tcaps ${of} = "${what.replaceAll('"', '\\"')}"\n`,
  );
  return `[${name}]\n\tkey = ${key}\n${rights.join('')}`;
}

/** As whom a pool is opened. */
export function poolClient(
  { logins }: Pick<Context, 'logins'>,
  use: keyof typeof poolClients,
): { name: string; secret: string } {
  const { name, secret } = poolClients[use];
  return named(logins(name, secret)[0]);
}

/** The same where hypervisors open it. */
export function hypervisorClient(context: Context, use: 'volumes' | 'servers'): HypervisorClient {
  const { name, secret, uuid } = poolClients[use];
  const withUuid = (one: Login) => ({
    ...named(one),
    uuid: one.login === name ? context.secret(uuid) : derivedUuid(context.secret(uuid), one.login),
  });
  const [used, other] = context.logins(name, secret);
  return { ...withUuid(used), ...(other ? { other: withUuid(other) } : {}) };
}

function named({ login, secret }: Login): { name: string; secret: string } {
  return { name: login, secret };
}

/** As those that are made of a name: version 5 of RFC 9562. */
function derivedUuid(uuid: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/**
 * What all daemons and clients have alike: nothing of it depends on how many OSDs and copies there are, so that one more
 * starts no other again. That one copy is no redundancy is told by `gantry doctor`, not by a warning for ever.
 */
export function configuration(context: Context): RenderedFile {
  const memory = parseQuantity(context.settings.storage.ceph.memory);
  const content = `[global]
fsid = ${context.secret('ceph-fsid')}
mon_host = ${monitorsOf(context).join(',')}
${monitorPatience}ms_bind_msgr1 = false
ms_bind_port_min = ${DAEMON_PORTS[0]}
ms_bind_port_max = ${(DAEMON_PORTS.at(-1) ?? 0) + 1}
# Errors alone, and what the cluster says of itself, which is the monitor's to write.
log_to_file = false
mon_cluster_log_to_file = false
mon_cluster_log_to_stderr = true
mon_cluster_log_level = info
osd_pool_default_pg_autoscale_mode = off
osd_pool_default_size = 1
osd_pool_default_min_size = 1

[mon]
auth_allow_insecure_global_id_reclaim = false
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
# Of the machine's disk, in per cent: its administrator is told by others before.
mon_data_avail_warn = 5
# Modules that are not always there: none are in the image.
mgr_initial_modules =

[osd]
osd_memory_target = ${memory}
# It measures for a second at every start, and believes what it measures of hard disks only.
osd_mclock_skip_benchmark = true
${ownAddress(context)}
[client]
keyring = ${CONFIG_DIR}/keyring

[mgr]
keyring = ${CONFIG_DIR}/keyring
${ownAddress(context)}`;
  return file(`${CONFIG_DIR}/ceph.conf`, content, { gid: users.ceph });
}

/**
 * Unasked, a daemon is where the monitor sees it: between a pod and a service that may be an address of the node. So it
 * takes that of its own interface, in whatever network that is.
 */
function ownAddress(context: Context): string {
  return spansNodes(context) ? 'public_network = 0.0.0.0/0\n' : '';
}

/** The names of the monitors' addresses, which stay. */
export function monitorHosts({ replicas, domain }: Context): string[] {
  return keptNames(MONITOR, replicas(MONITOR)).map((name) => `${name}${domain}`);
}

export function monitorsOf(context: Context): string[] {
  return monitorHosts(context).map((host) => `${host}:${MONITOR_PORT}`);
}
