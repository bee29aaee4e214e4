import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { nearestName } from '../../../src/config/nearest.ts';
import { GantryError, messageOf } from '../../../src/errors.ts';
import { importConfig, type KubeConfig } from './library.ts';

/**
 * Reads the kubeconfig files that KUBECONFIG names, else ~/.kube/config, and chooses a context. The client
 * library is loaded here: it is large, and only this engine needs it.
 * Throws `kubernetes.no-config`, `kubernetes.invalid-config` or `kubernetes.unknown-context`.
 */
export async function loadKubeConfig(
  environment: NodeJS.ProcessEnv,
  context: string | undefined,
): Promise<KubeConfig> {
  // The package's index would load models of every object of the API; this part needs none of them.
  const { KubeConfig: Config } = await importConfig();
  const files = configFiles(environment);
  let config: KubeConfig | undefined;
  for (const file of files) {
    const part = new Config();
    try {
      part.loadFromFile(file);
      if (config) config.mergeConfig(part, true);
      else config = part;
    } catch (thrown) {
      throw invalidConfig(file, thrown);
    }
  }
  if (!config) throw noConfig(environment);
  if (context !== undefined) config.setCurrentContext(context);
  checkContext(config, files);
  return config;
}

/** Files of KUBECONFIG that exist: kubectl passes over the others too. */
function configFiles(environment: NodeJS.ProcessEnv): string[] {
  const listed = environment.KUBECONFIG?.split(delimiter).filter((file) => file !== '') ?? [];
  const files = listed.length > 0 ? listed : [join(environment.HOME ?? homedir(), '.kube', 'config')];
  return files.filter((file) => existsSync(file));
}

function checkContext(config: KubeConfig, files: string[]): void {
  const names = config.getContexts().map(({ name }) => name);
  const wanted = config.getCurrentContext();
  if (!wanted) {
    throw new GantryError({
      code: 'kubernetes.no-context',
      whose: 'user',
      message: `${files.join(', ')} has no current context`,
      why: names.length > 0 ? `It has: ${names.sort().join(', ')}` : 'It has no contexts.',
      next: 'Choose one with --context, or with `context:` in cloud.yaml.',
    });
  }
  if (!names.includes(wanted)) throw unknownContext(wanted, names, files);
  if (config.getCurrentCluster() && config.getCurrentUser()) return;
  throw new GantryError({
    code: 'kubernetes.invalid-config',
    whose: 'user',
    message: `the context ${wanted} names a cluster or user that the kubeconfig does not hold`,
    why: `Read: ${files.join(', ')}`,
    next: 'Repair the kubeconfig (`kubectl config view` shows it), or choose another context with --context.',
  });
}

/** The error for a context that no kubeconfig has, with the nearest name that one has. */
function unknownContext(wanted: string, names: string[], files: string[]): GantryError {
  const nearest = nearestName(wanted, names);
  return new GantryError({
    code: 'kubernetes.unknown-context',
    whose: 'user',
    message: `there is no context ${wanted} in ${files.join(', ')}`,
    why: names.length > 0 ? `There are: ${[...names].sort().join(', ')}` : 'There are none.',
    next: nearest
      ? `Did you mean ${nearest}?`
      : 'Choose one with --context, or with `context:` in cloud.yaml.',
  });
}

function noConfig(environment: NodeJS.ProcessEnv): GantryError {
  return new GantryError({
    code: 'kubernetes.no-config',
    whose: 'user',
    message: 'no kubeconfig was found',
    why: environment.KUBECONFIG
      ? `KUBECONFIG is ${environment.KUBECONFIG}, and no such file exists.`
      : 'KUBECONFIG is not set, and ~/.kube/config does not exist.',
    next: "Set KUBECONFIG to the cluster's kubeconfig file.",
  });
}

function invalidConfig(file: string, thrown: unknown): GantryError {
  return new GantryError({
    code: 'kubernetes.invalid-config',
    whose: 'user',
    message: `${file} could not be read as a kubeconfig`,
    why: messageOf(thrown),
    next: '`kubectl config view` shows what kubectl makes of it.',
    cause: thrown,
  });
}
