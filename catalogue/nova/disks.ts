import type { RenderContext } from '../../src/model/context.ts';
import { job, jsonFile } from '../../src/model/make.ts';
import type { Offers } from '../../src/model/offers.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Job, type RenderedFile, type VolumeMount } from '../../src/model/workload.ts';
import { CEPH_FILE, poolClientFiles } from '../common/pool-client.ts';
import { databaseUrl } from '../common/sections.ts';
import type { NovaSettings } from './settings.ts';

/** Where nova-compute keeps what it knows of servers, and their disks if they are local. */
export const STATE: VolumeMount = { volume: 'nova-compute', path: '/var/lib/nova', scope: 'node' };
export const DISKS_JOB = 'nova-disks';
export const DISKS_FILE = `${CONFIG_DIR}/disks.json`;

type Context = RenderContext<NovaSettings>;

/** Whether servers' disks can be, or may have been, anywhere else than on their node. */
export function mayHavePool(context: Context): boolean {
  return context.offered('blockPool') !== undefined;
}

/** The pool that servers' own disks are in, if they are in one. */
export function diskPool(context: Context): Offers['blockPool'] | undefined {
  return context.settings.compute.disks === 'ceph' ? take(context, 'blockPool') : undefined;
}

/** Of nova.conf: https://docs.openstack.org/nova/2025.1/configuration/config.html#libvirt */
export function diskSections(context: Context): OsloSections {
  const pool = diskPool(context);
  if (!pool) return { libvirt: { images_type: 'qcow2' } };
  const { clients, pools } = pool;
  return {
    // It tells where in a pool an image is, and is told where that of a server is which was made there.
    glance: { endpoint_override: context.offered('imageLocations')?.url },
    libvirt: {
      images_type: 'rbd',
      images_rbd_pool: pools.servers,
      images_rbd_ceph_conf: CEPH_FILE,
      rbd_user: clients.servers.name,
      rbd_secret_uuid: clients.servers.uuid,
      // What a server no longer needs of its disk, the pool gets back.
      hw_disk_discard: 'unmap',
    },
  };
}

export function diskFiles(context: Context): RenderedFile[] {
  const pool = diskPool(context);
  return pool ? poolClientFiles(context, pool, pool.clients.servers, users.nova) : [];
}

/** What nova-compute waits for as it starts: it would take servers for broken whose disks are not there yet. */
export function whenDisksAnswer(context: Context): string[] {
  const pool = diskPool(context);
  return pool ? ['when-pool-answers', pool.clients.servers.name, pool.pools.servers] : [];
}

/** Refuses to look for servers' disks where they are not: Nova would make new ones when such a server starts again. */
export function disksJob(context: Context): Job {
  const wanted = { disks: context.settings.compute.disks, database: databaseUrl(context, 'nova') };
  return job({
    name: DISKS_JOB,
    service: 'nova',
    image: 'nova-compute-rbd',
    command: ['check-disks', DISKS_FILE],
    user: userOf('nova'),
    files: [jsonFile(DISKS_FILE, wanted, { gid: users.nova })],
    volumes: [STATE],
    on: ['compute'],
    after: ['job:nova-schema'],
  });
}
