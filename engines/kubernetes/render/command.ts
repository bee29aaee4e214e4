import type { Workload } from '../../../src/model/workload.ts';
import { NODE_DEVICES, optionalDevices, takeOptionalBlocks } from './devices.ts';
import { userOf } from './security.ts';

/**
 * What the image's own entry point starts. Where Kubernetes has no field for something that a workload needs, it is
 * brought about by the container itself, with the capabilities that it has anyway, before the command starts.
 */
export function renderArguments(workload: Workload): string[] {
  const { needs, command } = workload;
  const capabilities = new Set(needs.capabilities);
  const steps: string[] = [];
  for (const device of optionalDevices(workload)) {
    steps.push(`if [ -c ${NODE_DEVICES}/${device} ]; then cp -a ${NODE_DEVICES}/${device} /dev/; fi`);
  }
  steps.push(...takeOptionalBlocks(workload));
  // Whoever makes network namespaces also sets their sysctls; runtimes mount them read-only.
  if (capabilities.has('SYS_ADMIN') && capabilities.has('NET_ADMIN') && userOf(workload).uid === 0) {
    steps.push('mount -o remount,bind,rw /proc/sys');
  }
  // With cgroups of version 2, runtimes give each container a cgroup namespace, out of which nothing can be moved.
  if (needs.hostCgroup) steps.push('exec nsenter --target 1 --cgroup -- "$@"');
  if (steps.length === 0) return command;
  if (!needs.hostCgroup) steps.push('exec "$@"');
  return ['bash', '-ec', steps.join('\n'), 'start', ...command];
}
