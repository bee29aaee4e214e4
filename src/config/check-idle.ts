import { type Check, isGiven, isServiceOn, warn } from './checking.ts';
import { dotted } from './issues.ts';
import type { Known } from './known.ts';
import type { Path } from './source.ts';

/** Says what is set for processes that the cloud does not have: whoever wrote it expects something of it. */
export function checkIdleProcesses(check: Check, known: Known): void {
  const { config } = check;
  for (const [service, processes] of Object.entries(known.processesOf ?? {})) {
    const isOn = isServiceOn(check, known, service);
    for (const process of processes) {
      const isOff = config.replicas[process] === 0;
      if (isOn && !isOff) continue;
      const why = isOn ? `while replicas.${process} is 0` : `while the service ${service} is off`;
      for (const section of isOn ? ['workers', 'resources'] : ['replicas', 'workers', 'resources']) {
        warnIdle(check, [section, process], why);
      }
      for (const instance of known.instances?.[process] ?? []) {
        warnIdle(check, ['resources', instance], why);
      }
    }
  }
}

function warnIdle(check: Check, path: Path, when: string): void {
  if (!isGiven(check, path) || !check.isSound(path)) return;
  warn(check, 'config.no-effect', path, `${dotted(path)} has no effect ${when}`);
}
