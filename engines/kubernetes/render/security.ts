import { blockDevicesOf, type Workload } from '../../../src/model/workload.ts';
import type { V1PodSecurityContext, V1SecurityContext } from '../api/library.ts';
import type { ClusterFacts } from './cluster.ts';

/** Minor version since which AppArmor is a field; before, it is an annotation that names the container. */
const APPARMOR_FIELD = 30;

export const CONTAINER = 'main';

export interface User {
  uid: number;
  gid: number;
}

export function userOf({ user }: Pick<Workload, 'user'>): User {
  const [uid = 0, gid = uid] = user.split(':').map(Number);
  return { uid, gid };
}

/**
 * Files and memory-backed directories belong to the process's group; so do claims, whose content is looked through only
 * where the top directory does not. Root's are root's.
 */
export function podSecurity(workload: Workload): V1PodSecurityContext {
  const { gid } = userOf(workload);
  return {
    ...(gid === 0 ? {} : { fsGroup: gid, fsGroupChangePolicy: 'OnRootMismatch' }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Nothing but the named capabilities, as the first engine gives them. */
export function containerSecurity(workload: Workload, cluster: ClusterFacts): V1SecurityContext {
  const { uid, gid } = userOf(workload);
  const capabilities = capabilitiesOf(workload);
  // Device rules allow no block devices but to whoever has all privileges; those are of no use to others than root.
  if (blockDevicesOf(workload).length > 0) {
    const user = { runAsUser: uid, runAsGroup: gid, runAsNonRoot: uid !== 0 };
    return { ...user, readOnlyRootFilesystem: workload.readOnlyRoot, privileged: true };
  }
  return {
    runAsUser: uid,
    runAsGroup: gid,
    runAsNonRoot: uid !== 0,
    readOnlyRootFilesystem: workload.readOnlyRoot,
    // The API says that whoever has SYS_ADMIN may always gain privileges, and refuses to say otherwise in part.
    allowPrivilegeEscalation: Boolean(workload.needs.setuid) || capabilities.includes('SYS_ADMIN'),
    capabilities: { drop: ['ALL'], ...(capabilities.length > 0 ? { add: capabilities } : {}) },
    ...(isUnconfined(workload) && cluster.minorVersion >= APPARMOR_FIELD
      ? { appArmorProfile: { type: 'Unconfined' } }
      : {}),
  };
}

/** Annotations of pods where that is how AppArmor is told. */
export function securityAnnotations(workload: Workload, cluster: ClusterFacts): Record<string, string> {
  if (!isUnconfined(workload) || cluster.minorVersion >= APPARMOR_FIELD) return {};
  return { [`container.apparmor.security.beta.kubernetes.io/${CONTAINER}`]: 'unconfined' };
}

/** Runtimes' AppArmor profiles deny every mount, and signals and traces across containers. */
function isUnconfined({ needs }: Workload): boolean {
  const capabilities = needs.capabilities ?? [];
  return capabilities.includes('SYS_ADMIN') || capabilities.includes('SYS_PTRACE') || Boolean(needs.hostPid);
}

/** To enter the cgroup namespace of the node (see command.ts), a process that has less than all needs SYS_PTRACE. */
function capabilitiesOf({ needs }: Workload): string[] {
  const extra = needs.hostCgroup ? ['SYS_PTRACE'] : [];
  return [...new Set([...(needs.capabilities ?? []), ...extra])].sort();
}
