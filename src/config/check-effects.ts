import { type Check, isGiven, isServiceOn, warn } from './checking.ts';
import { dotted } from './issues.ts';
import type { Known } from './known.ts';
import { defaultCloudConfig } from './schema.ts';
import { isMapping, type Path } from './source.ts';

/** Says which settings are there and change nothing: whoever wrote them expects something of them. */
export function checkEffects(check: Check, known: Known | undefined): void {
  const { engine, images, network } = check.config;
  const { external } = network;
  if (engine === 'docker') {
    for (const path of settingsBelow(check, ['kubernetes'])) {
      warnIdle(check, path, 'with the engine docker');
    }
    if (images.registry === 'builtin') {
      warnIdle(check, ['images', 'registry'], 'with the engine docker', 'builtin');
    }
  }
  const nat = ['network', 'external', 'nat'];
  if (external.interface !== undefined) {
    warnIdle(check, nat, 'with an interface: the router of that network does it');
  } else {
    if (engine === 'kubernetes' && !external.nat) warnIdle(check, nat, 'with the engine kubernetes');
    if (external.takeAddress) {
      warnIdle(check, ['network', 'external', 'takeAddress'], 'without network.external.interface');
    }
  }
  if (known) checkIdleProcesses(check, known);
}

/** What is set for processes that the cloud does not have. */
function checkIdleProcesses(check: Check, known: Known): void {
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
    }
  }
}

/** The settings of a section that were given, but for those that say the default, as `config show` writes them. */
function settingsBelow({ given }: Check, section: Path): Path[] {
  const [value, standard] = [given, defaultCloudConfig()].map((all) =>
    section.reduce<unknown>((at, key) => (isMapping(at) ? at[key] : undefined), all),
  );
  if (!isMapping(value)) return [];
  const isDefault = (key: string): boolean =>
    isMapping(standard) && JSON.stringify(standard[key]) === JSON.stringify(value[key]);
  return Object.keys(value)
    .filter((key) => !isDefault(key))
    .map((key) => [...section, key]);
}

function warnIdle(check: Check, path: Path, when: string, value?: string): void {
  if (!isGiven(check, path) || !check.isSound(path)) return;
  const setting = value === undefined ? dotted(path) : `${dotted(path)}: ${value}`;
  warn(check, 'config.no-effect', path, `${setting} has no effect ${when}`);
}
