import { users } from '../../../src/model/users.ts';
import { type Capability, type Device, isBlockDevice, type Workload } from '../../../src/model/workload.ts';
import { isOfCloud, type RenderedCloud, repeated, workloadsOf } from '../cloud.ts';

/** What a workload may have beyond an unprivileged container on the cloud's network, and why. */
export interface Privileges {
  reason: string;
  root?: true;
  hostNetwork?: true;
  hostPid?: true;
  hostCgroup?: true;
  setuid?: true;
  writableRoot?: true;
  capabilities?: Capability[];
  devices?: (Device | 'block')[];
}

/** Privileges are exactly those of the list: none more, and none that is no longer needed by any network driver. */
export function findWrongPrivileges(cloud: RenderedCloud, allowed: Record<string, Privileges>): string[] {
  const workloads = workloadsOf(cloud);
  const wrong = workloads.flatMap((workload) => {
    const { reason: _reason, ...expected } = allowed[workload.name] ?? { reason: '' };
    const [has, may] = [listPrivileges(privilegesOf(workload)), listPrivileges(expected)];
    return [
      ...has.filter((one) => !may.includes(one)).map((one) => `${workload.name} may not have ${one}`),
      ...may.filter((one) => !has.includes(one)).map((one) => `${workload.name} no longer needs ${one}`),
    ];
  });
  const elsewhere = cloud.services.flatMap(({ processNames }) =>
    Object.entries(processNames).flatMap(([name, traits]) => (isOfCloud(cloud, traits) ? [] : [name])),
  );
  const present = [...workloads.map(({ name }) => name), ...elsewhere];
  const gone = Object.keys(allowed).filter((name) => !present.includes(name));
  return [...wrong, ...gone.map((name) => `${name} has privileges, and does not exist`)];
}

function privilegesOf({ needs, readOnlyRoot, user }: Workload): Omit<Privileges, 'reason'> {
  return {
    ...(user.startsWith('0:') || user.endsWith(':0') ? { root: true } : {}),
    ...(needs.hostNetwork ? { hostNetwork: true } : {}),
    ...(needs.hostPid ? { hostPid: true } : {}),
    ...(needs.hostCgroup ? { hostCgroup: true } : {}),
    ...(needs.setuid ? { setuid: true } : {}),
    ...(readOnlyRoot ? {} : { writableRoot: true }),
    capabilities: needs.capabilities ?? [],
    devices: (needs.devices ?? []).map((one) => (isBlockDevice(one) ? 'block' : one.device)),
  };
}

function listPrivileges({
  capabilities = [],
  devices = [],
  ...switches
}: Omit<Privileges, 'reason'>): string[] {
  return [...Object.keys(switches), ...capabilities, ...devices.map((device) => `/dev/${device}`)];
}

/** Users are the fixed ones, by number. */
export function findWrongUsers(cloud: RenderedCloud): string[] {
  const known = Object.values(users).map((id) => `${id}:${id}`);
  return workloadsOf(cloud)
    .filter(({ user }) => !known.includes(user))
    .map(({ name, user }) => `${name} runs as ${user}, which is no user of ours`);
}

/** Each path of a container is one thing: a volume, a directory of the node or memory. */
export function findWrongMounts(cloud: RenderedCloud): string[] {
  return workloadsOf(cloud).flatMap((workload) => {
    const paths = [
      ...workload.volumes.map(({ path }) => path),
      ...workload.hostMounts.map(({ path }) => path),
      ...workload.tmpfs,
      ...(workload.scratch ?? []),
    ];
    const volumes = workload.volumes.map(({ volume }) => volume);
    return [
      ...repeated(paths).map((path) => `${workload.name} has ${path} mounted twice`),
      ...repeated(volumes).map((volume) => `${workload.name} mounts the volume ${volume} twice`),
      ...paths
        .filter((path) => !path.startsWith('/') || path === '/' || path.endsWith('/'))
        .map((path) => `${workload.name} mounts at "${path}", which is no absolute path`),
    ];
  });
}
