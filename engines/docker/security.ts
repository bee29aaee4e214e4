import type Docker from 'dockerode';
import type { Needs } from '../../src/model/workload.ts';

/** The engine's default list of paths that are read-only in a container, without /proc/sys. */
const readOnlyPathsBesideSysctl = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sysrq-trigger'];

type SecurityConfig = Pick<
  Docker.HostConfig,
  'CapDrop' | 'CapAdd' | 'SecurityOpt' | 'ReadonlyPaths' | 'PidMode'
> & { CgroupnsMode?: 'host' };

/**
 * Privileges from needs: nothing but the named capabilities. The engine's default seccomp profile stays in
 * force everywhere; it opens mount, setns and the like by itself for whoever holds SYS_ADMIN.
 */
export function renderSecurity(needs: Needs): SecurityConfig {
  const capabilities = new Set(needs.capabilities);
  const options: string[] = [];
  if (!needs.setuid) options.push('no-new-privileges');
  // AppArmor's docker-default profile denies every mount, and signals and traces across containers.
  if (capabilities.has('SYS_ADMIN') || capabilities.has('SYS_PTRACE') || needs.hostPid) {
    options.push('apparmor=unconfined');
  }
  const config: SecurityConfig = {
    CapDrop: ['ALL'],
    CapAdd: [...capabilities].sort(),
    SecurityOpt: options,
  };
  // Whoever makes network namespaces also sets their sysctls, such as ip_forward of a router.
  if (capabilities.has('SYS_ADMIN') && capabilities.has('NET_ADMIN')) {
    config.ReadonlyPaths = readOnlyPathsBesideSysctl;
  }
  if (needs.hostPid) config.PidMode = 'host';
  if (needs.hostCgroup) config.CgroupnsMode = 'host';
  return config;
}
