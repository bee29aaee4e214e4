import { type Check, report, warn } from './checking.ts';
import { type Known, OTHERS } from './known.ts';
import { listNames, suggest } from './nearest.ts';
import type { CloudConfig } from './schema.ts';
import type { Path } from './source.ts';

/** Checks names against the catalogue. */
export function checkKnownNames(check: Check, known: Known): void {
  const { config } = check;
  const processSections = [
    { section: 'replicas', capable: known.scalable, lacking: 'cannot have replicas', others: 'that can' },
    { section: 'workers', capable: known.withWorkers, lacking: 'has no workers', others: 'that have' },
    { section: 'resources', capable: undefined, lacking: '', others: '' },
  ] as const;
  const instances = Object.values(known.instances ?? {}).flat();
  const services = Object.keys(config.services);
  for (const name of requireKnown(check, {
    path: ['services'],
    names: services,
    kind: 'service',
    valid: known.services,
    known,
  })) {
    if (config.services[name] || !known.requiredServices?.includes(name)) continue;
    report(check, 'config.not-optional', ['services', name], `service "${name}" cannot be switched off`, {
      why: 'Others cannot do without it.',
    });
  }
  for (const { section, capable, lacking, others } of processSections) {
    const names = Object.keys(config[section]);
    const found = requireKnown(check, {
      path: [section],
      names,
      kind: 'process',
      valid: section === 'resources' ? [...known.processes, ...instances, OTHERS] : known.processes,
      known,
    });
    for (const name of found) {
      if (section === 'replicas' && config.replicas[name] === 0) {
        checkSwitchedOff(check, name, known);
        continue;
      }
      if (!capable || capable.includes(name)) continue;
      if (section === 'replicas' && config.replicas[name] === 1) continue;
      const why = listNames(`Processes ${others}`, capable);
      report(check, 'config.not-scalable', [section, name], `process "${name}" ${lacking}`, {
        at: 'key',
        why,
      });
    }
  }
  checkClusters(check, known);
  if (known.endpoints) {
    const names = Object.keys(config.public.ports);
    requireKnown(check, {
      path: ['public', 'ports'],
      names,
      kind: 'endpoint',
      valid: Object.keys(known.endpoints),
    });
  }
  if (known.volumes) {
    const names = Object.keys(config.kubernetes.volumeSizes);
    requireKnown(check, { path: ['kubernetes', 'volumeSizes'], names, kind: 'volume', valid: known.volumes });
  }
}

/** No replicas are a process that is off: of a service that cannot be, only what it can do without. */
function checkSwitchedOff(check: Check, name: string, known: Known): void {
  const service = serviceOf(name, known);
  const isNeeded = service !== undefined && known.requiredServices?.includes(service);
  const isCounted = known.scalable?.includes(name) ?? true;
  if (known.optionalProcesses?.includes(name) || known.clusters?.[name] || (isCounted && !isNeeded)) return;
  report(check, 'config.not-optional', ['replicas', name], `process "${name}" cannot be switched off`, {
    why: isNeeded ? 'Others cannot do without it.' : undefined,
  });
}

function serviceOf(process: string, { processesOf = {} }: Known): string | undefined {
  return Object.keys(processesOf).find((service) => processesOf[service]?.includes(process));
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

interface Names {
  /** Where they are keys. */
  path: Path;
  names: string[];
  kind: keyof typeof plurals;
  valid: readonly string[];
  /** Where they may be names of services or processes that were taken for each other. */
  known?: Known;
}

/** Reports the names that are not valid; returns the others. */
export function requireKnown(check: Check, { path, names, kind, valid, known }: Names): string[] {
  return names.filter((name) => {
    if (valid.includes(name)) return true;
    const other = known && explainOtherKind(name, known);
    const hint = other ? '' : suggest(name, valid);
    const why = other ?? (hint === '' ? listNames(`Known ${plurals[kind]}`, valid) : undefined);
    const message = `unknown ${kind} "${name}" in ${path.join('.')}${hint}`;
    report(check, `config.unknown-${kind.replaceAll(' ', '-')}`, [...path, name], message, {
      at: 'key',
      why,
    });
    return false;
  });
}

/** Somebody who names a service where processes are meant, or the other way round, is told which there are. */
function explainOtherKind(name: string, known: Known): string | undefined {
  const processes = known.services.includes(name) ? known.processesOf?.[name] : undefined;
  if (processes) return `${name} is a service; its processes are ${processes.join(', ')}.`;
  const service = serviceOf(name, known);
  return service === undefined ? undefined : `${name} is a process of the service ${service}.`;
}

const plurals = {
  service: 'services',
  process: 'processes',
  endpoint: 'endpoints',
  volume: 'volumes',
  'configuration file': 'configuration files',
};
