import type { VolumeTraces } from '../model/offers.ts';
import {
  listAttachments,
  listServerActions,
  listServersWithVolumes,
  listServerVolumes,
  listVolumes,
  type ServerWithVolumes,
} from '../openstack/attachments.ts';
import type { Session } from '../openstack/session.ts';
import { askEach } from '../servers/hypervisors.ts';
import type { Looking } from '../servers/looking.ts';
import { compareVolumes, type Finding } from './compare.ts';
import { parseDisks, type Seen, type SeenServer } from './seen.ts';

/** Where to look, as for servers. */
export interface LookingAtVolumes extends Omit<Looking, 'traces'> {
  traces: Pick<Looking['traces'], 'compute' | 'hypervisor'> & { volumes: VolumeTraces };
}

export interface VolumesFound {
  findings: Finding[];
  /** Hypervisors that did not say which disks their servers have: of these only Cinder's and Nova's word is known. */
  silent: string[];
  /** How many volumes there are. */
  volumes: number;
}

/** What is wrong with volumes, of all servers or those named, as Cinder, Nova and the hypervisors say. */
export async function findVolumeProblems(looking: LookingAtVolumes, server?: string): Promise<VolumesFound> {
  const { seen, silent } = await see(looking, server);
  const { compute, volumes } = looking.traces;
  const found = compareVolumes(seen, { servers: compute.logs.running, volumes: volumes.logs });
  const findings = found.filter((one) => server === undefined || one.server?.id === server);
  return { findings, silent, volumes: seen.volumes.length };
}

/** @param wanted the server whose past is of interest; all where not given */
async function see(
  looking: LookingAtVolumes,
  wanted: string | undefined,
): Promise<{ seen: Seen; silent: string[] }> {
  const { admin, engine, cloud, instances, traces } = looking;
  const { hypervisor } = traces;
  const [volumes, attachments, servers, answers] = await Promise.all([
    listVolumes(admin),
    listAttachments(admin),
    listServersWithVolumes(admin),
    askEach({ engine, cloud, hypervisor }, hypervisor.disks, instances, admin.signal),
  ]);
  const seen: Seen = {
    now: admin.clock.now(),
    volumes: volumes.map(({ id, name, status, created_at, updated_at }) => ({
      id,
      name,
      status,
      changedAt: inUtc(updated_at ?? created_at),
    })),
    attachments: attachments.map(({ id, volume_id, instance, status }) => ({
      id,
      volume: volume_id,
      server: instance ?? undefined,
      status,
    })),
    servers: await Promise.all(
      servers.map((server) => describeServer(admin, server, wanted === undefined || wanted === server.id)),
    ),
    domains: answers.flatMap(({ text }) => parseDisks(text)),
    complete: answers.every(({ problem }) => problem === undefined),
  };
  const silent = answers.flatMap(({ instance, node, problem }) =>
    problem === undefined ? [] : [`${node ?? instance} (${problem})`],
  );
  return { seen, silent };
}

async function describeServer(
  admin: Session,
  server: ServerWithVolumes,
  withPast: boolean,
): Promise<SeenServer> {
  const { id, name, status } = server;
  const hasVolumes = server['os-extended-volumes:volumes_attached'].length > 0;
  const [recorded, actions] = await Promise.all([
    hasVolumes ? listServerVolumes(admin, id) : [],
    withPast ? listServerActions(admin, id) : [],
  ]);
  const last = actions.find(({ action }) => action === 'attach_volume' || action === 'detach_volume');
  return {
    id,
    name,
    status,
    task: server['OS-EXT-STS:task_state'] ?? undefined,
    host: server['OS-EXT-SRV-ATTR:host'] ?? undefined,
    volumes: recorded.map(({ volumeId, attachment_id }) => ({
      volume: volumeId,
      attachment: attachment_id ?? undefined,
    })),
    ...(last?.message === 'Error' ? { failedAt: inUtc(last.start_time) } : {}),
  };
}

/** OpenStack writes times in UTC without saying so. */
function inUtc(time: string): number {
  return Date.parse(/Z$|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`);
}
