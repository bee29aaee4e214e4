import { type Check, isGiven, report, warn } from './checking.ts';
import { dotted } from './issues.ts';
import type { CloudConfig, CloudSchema } from './schema.ts';
import { isMapping, type Path, valueAt } from './source.ts';

interface Meaningless {
  /** A key, or a section with all that is in it; `*` is any name. */
  path: Path;
  /** Where only this value of the key means nothing. */
  value?: unknown;
  /** Its name says which engine it is for: one file may serve clouds on both. It is told of and left aside. */
  isNamed?: boolean;
  why: string;
  /** What to do instead, where that is more than to leave it out. */
  next?: string;
}

const CHOSEN_BY_NODES =
  "A pod cannot choose the CPUs and the memory that it gets of a node: the node's own managers do.";

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
    {
      path: ['resources', '*', 'guaranteed'],
      value: true,
      why: 'The engine limits what containers take, and keeps nothing free for any of them.',
      next: 'Leave it out; `cpuset` names the CPUs that a container runs on.',
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
    {
      path: ['resources', '*', 'cpuset'],
      why: CHOSEN_BY_NODES,
      next: 'Leave it out, and set `cpus` to a whole number, `memory`, and `guaranteed: true`: with the static CPU manager a node gives the container CPUs of its own.',
    },
    {
      path: ['resources', '*', 'numaNodes'],
      why: CHOSEN_BY_NODES,
      next: 'Leave it out, and set `cpus`, `memory` and `guaranteed: true`: with the static memory manager and topology manager a node takes both from one NUMA node.',
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
  for (const { path, value, isNamed, why, next = 'Leave it out.' } of meaningless[engine]) {
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
      report(check, 'config.not-of-engine', setting, message, { at: 'key', why, next });
    }
  }
}

/** The path itself, or what is given in it where it is a section; nothing that a mistake was reported of already. */
function settingsAt(check: Check, path: Path): Path[] {
  const wildcard = path.indexOf('*');
  if (wildcard >= 0) {
    const [before, after] = [path.slice(0, wildcard), path.slice(wildcard + 1)];
    const named = valueAt(check.given, before);
    if (!isMapping(named)) return [];
    return Object.keys(named).flatMap((name) => settingsAt(check, [...before, name, ...after]));
  }
  const value = valueAt(check.given, path);
  if (value == null) return [];
  const paths = isMapping(value) ? Object.keys(value).map((key) => [...path, key]) : [path];
  return paths.filter((one) => isGiven(check, one) && check.isSound(one));
}
