import { type Check, report, warn } from './checking.ts';
import type { Known, OsloOption, OsloOptions } from './known.ts';
import { listNames, nearestName, suggest } from './nearest.ts';
import { explainOptionValue } from './option-value.ts';
import type { CloudConfig, OptionValue } from './schema.ts';
import type { Path } from './source.ts';

/** Checks names against the catalogue, and oslo options against what the services' own code declares. */
export function checkKnownNames(check: Check, known: Known): void {
  const { config } = check;
  const processSections = [
    { section: 'replicas', capable: known.scalable, lacking: 'cannot have replicas', others: 'that can' },
    { section: 'workers', capable: known.withWorkers, lacking: 'has no workers', others: 'that have' },
    { section: 'resources', capable: undefined, lacking: '', others: '' },
  ] as const;
  for (const name of requireKnown(
    check,
    ['services'],
    Object.keys(config.services),
    'service',
    known.services,
  )) {
    if (config.services[name] || !known.requiredServices?.includes(name)) continue;
    report(check, 'config.not-optional', ['services', name], `service "${name}" cannot be switched off`, {
      why: 'Others cannot do without it.',
    });
  }
  for (const { section, capable, lacking, others } of processSections) {
    const names = Object.keys(config[section]);
    const found = requireKnown(check, [section], names, 'process', known.processes);
    for (const name of found) {
      if (!capable || capable.includes(name)) continue;
      if (section === 'replicas' && (config.replicas[name] ?? 0) <= 1) continue;
      const why = listNames(`Processes ${others}`, capable);
      report(check, 'config.not-scalable', [section, name], `process "${name}" ${lacking}`, {
        at: 'key',
        why,
      });
    }
  }
  checkClusters(check, known);
  if (known.endpoints) {
    requireKnown(check, ['public', 'ports'], Object.keys(config.public.ports), 'endpoint', known.endpoints);
  }
  if (known.volumes) {
    const names = Object.keys(config.kubernetes.volumeSizes);
    requireKnown(check, ['kubernetes', 'volumeSizes'], names, 'volume', known.volumes);
  }
  checkOptions(check, known);
}

/** Engines that give each instance of a process a volume and an address of its own. */
const CLUSTERING_ENGINES: readonly CloudConfig['engine'][] = ['kubernetes'];

function checkClusters(check: Check, { clusters = {} }: Known): void {
  const { engine, replicas } = check.config;
  for (const [name, needed] of Object.entries(clusters)) {
    const wanted = replicas[name];
    if (wanted === undefined || wanted === 1) continue;
    const path = ['replicas', name];
    if (wanted === 0) {
      report(check, 'config.not-optional', path, `process "${name}" cannot be switched off`);
    } else if (!CLUSTERING_ENGINES.includes(engine)) {
      report(check, 'config.not-clustered', path, `the engine ${engine} runs one ${name}`, {
        why: 'The instances of a cluster need volumes and addresses of their own.',
        next: `Set it to 1, or use the engine ${CLUSTERING_ENGINES.join(' or ')}.`,
      });
    } else if (needed === 'majority' && wanted % 2 === 0) {
      const message = `${wanted} of ${name} outlive no more losses than ${wanted - 1}`;
      warn(check, 'config.even-cluster', path, message, 'Use an odd number: more than half must work.');
    }
  }
}

/** Reports the names that are not valid; returns the others. */
function requireKnown(
  check: Check,
  path: Path,
  names: string[],
  kind: string,
  valid: readonly string[],
): string[] {
  return names.filter((name) => {
    if (valid.includes(name)) return true;
    const hint = suggest(name, valid);
    const why = hint === '' ? listNames(`Known ${plurals[kind] ?? kind}`, valid) : undefined;
    const message = `unknown ${kind} "${name}" in ${path.join('.')}${hint}`;
    report(check, `config.unknown-${kind.replaceAll(' ', '-')}`, [...path, name], message, {
      at: 'key',
      why,
    });
    return false;
  });
}

const plurals: Record<string, string> = {
  service: 'services',
  process: 'processes',
  endpoint: 'endpoints',
  volume: 'volumes',
  'configuration file': 'configuration files',
};

function checkOptions(check: Check, known: Known): void {
  const files = Object.keys(check.config.config);
  const valid = Object.keys(known.configFiles);
  for (const file of requireKnown(check, ['config'], files, 'configuration file', valid)) {
    const options = known.configFiles[file];
    if (!options) continue;
    for (const [group, given] of Object.entries(check.config.config[file] ?? {})) {
      const declared = ownValue(options, group) ?? options['*'];
      if (declared) checkGroup(check, { file, group, declared, options }, given);
      else reportGroup(check, file, group, options);
    }
  }
}

interface GroupOfFile {
  file: string;
  group: string;
  declared: Record<string, OsloOption>;
  options: OsloOptions;
}

function reportGroup(check: Check, file: string, group: string, options: OsloOptions): void {
  const groups = Object.keys(options);
  const hint = suggest(group, groups);
  const why = hint === '' ? listNames(`Groups of ${file}`, groups) : undefined;
  const message = `unknown group [${group}] in ${file}${hint}`;
  report(check, 'config.unknown-group', ['config', file, group], message, { at: 'key', why });
}

function checkGroup(check: Check, at: GroupOfFile, given: Record<string, OptionValue>): void {
  for (const [name, value] of Object.entries(given)) {
    const path = ['config', at.file, at.group, name];
    const option = ownValue(at.declared, name) ?? at.declared['*'];
    if (!option) {
      report(check, 'config.unknown-option', path, describeUnknown(at, name), { at: 'key' });
      continue;
    }
    const wrong = explainOptionValue(option, value);
    if (wrong) {
      report(check, 'config.invalid-option', path, `${name} in [${at.group}] of ${at.file} ${wrong}`);
    }
    if (option.deprecatedFor !== undefined) {
      const message = `${name} in [${at.group}] of ${at.file} is a former name`;
      warn(check, 'config.former-option', path, message, `Use ${option.deprecatedFor} instead.`);
    }
  }
}

/** The nearest option of the group; of a former name, the one that took its place; else the group that has it. */
function describeUnknown({ file, group, declared, options }: GroupOfFile, name: string): string {
  const message = `unknown option "${name}" in [${group}] of ${file}`;
  const elsewhere = Object.keys(options).filter((other) => ownValue(options[other] ?? {}, name));
  const nearest = nearestName(name, Object.keys(declared));
  if (elsewhere.length > 0 && elsewhere.length <= 3) {
    return `${message}; it belongs to ${elsewhere.map((other) => `[${other}]`).join(' or ')}`;
  }
  if (nearest === undefined) return message;
  return `${message}; did you mean "${declared[nearest]?.deprecatedFor ?? nearest}"?`;
}

function ownValue<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) && key !== '*' ? record[key] : undefined;
}
