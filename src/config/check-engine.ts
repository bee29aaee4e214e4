import { type Check, isGiven, report, warn } from './checking.ts';
import { dotted } from './issues.ts';
import type { CloudConfig, CloudSchema } from './schema.ts';
import { isMapping, type Path, valueAt } from './source.ts';

interface Meaningless {
  /** A key, or a section with all that is in it. */
  path: Path;
  /** Where only this value of the key means nothing. */
  value?: unknown;
  /** Its name says which engine it is for: one file may serve clouds on both. It is told of and left aside. */
  isNamed?: boolean;
  why: string;
}

/** By engine, what of cloud.yaml it knows nothing of: taken in silence, that would promise what nobody does. */
const meaningless: Readonly<Record<CloudConfig['engine'], readonly Meaningless[]>> = {
  docker: [
    {
      path: ['kubernetes'],
      isNamed: true,
      why: 'The section is for clouds with `engine: kubernetes`.',
    },
    {
      path: ['images', 'registry'],
      value: 'builtin',
      why: 'The engine keeps the images that it builds or pulls: no registry runs in the cloud.',
    },
  ],
  kubernetes: [
    {
      path: ['network', 'internal'],
      why: "Processes reach each other on the cluster's own network, and the cluster gives them their addresses.",
    },
    {
      path: ['network', 'external', 'nat'],
      why: 'Nodes translate no addresses: that is up to the router of the network that network.external.interface is on.',
    },
  ],
};

/**
 * Refuses what the engine knows nothing of, and warns of what is for the other one. What says the default, as `config show` writes every key, promises nothing
 * and is taken.
 */
export function checkEngine(check: Check, schema: CloudSchema): void {
  const { engine } = check.config;
  if (!check.isSound(['engine'])) return;
  const defaults = schema.parse({});
  for (const { path, value, isNamed, why } of meaningless[engine]) {
    for (const setting of settingsAt(check, path)) {
      const given = valueAt(check.given, setting);
      if (value !== undefined && given !== value) continue;
      if (JSON.stringify(given) === JSON.stringify(valueAt(defaults, setting))) continue;
      const name = value === undefined ? dotted(setting) : `${dotted(setting)}: ${value}`;
      if (isNamed) {
        warn(check, 'config.no-effect', setting, `${name} has no effect with the engine ${engine}`);
        continue;
      }
      const message = `${name} means nothing to the engine ${engine}`;
      report(check, 'config.not-of-engine', setting, message, { at: 'key', why, next: 'Leave it out.' });
    }
  }
}

/** The path itself, or what is given in it where it is a section; nothing that a mistake was reported of already. */
function settingsAt(check: Check, path: Path): Path[] {
  const value = valueAt(check.given, path);
  if (value == null) return [];
  const paths = isMapping(value) ? Object.keys(value).map((key) => [...path, key]) : [path];
  return paths.filter((one) => isGiven(check, one) && check.isSound(one));
}
