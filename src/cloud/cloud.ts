import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { DockerClient } from '../../engines/docker/client.ts';
import { type LoadedConfig, loadCloudConfig } from '../config/load.ts';
import type { CloudConfig } from '../config/schema.ts';
import { GantryError } from '../errors.ts';
import type { ImageGraph } from '../images/image.ts';
import { type CloudFacts, publicUrl } from '../model/context.ts';
import type { Desired } from '../model/desired.ts';
import type { Engine, EngineFacts } from '../model/engine.ts';
import type { Observed } from '../model/observed.ts';
import type { ServiceDefinition } from '../model/service.ts';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { declarations, enabledServices, renderDesired } from '../resolve/desired.ts';
import { knownNames } from '../resolve/known.ts';
import { projectRoot } from '../root.ts';
import { DraftFiles, type PrivateFiles } from '../secrets/files.ts';
import { hasSecrets, openSecrets, type SecretStore } from '../secrets/store.ts';
import { type CloudChoice, stateBase } from './choice.ts';
import { certificateNames, cloudFacts, type SettledConfig, settle } from './facts.ts';

/** What commands know before they touch any engine: the configuration and the catalogue. */
export interface Configured {
  root: string;
  loaded: LoadedConfig;
  config: CloudConfig;
  services: ServiceDefinition[];
  /** Where this cloud's secrets, authority, logs and downloads are kept. */
  stateDirectory: string;
}

/** A cloud rendered for an engine that answers. */
export interface Cloud extends Configured {
  config: SettledConfig;
  facts: CloudFacts;
  secrets: SecretStore;
  /** PEM of the authority that signed the public endpoints' certificate; undefined with a given certificate. */
  authority: string | undefined;
  graph: ImageGraph;
  desired: Desired;
  engine: Engine;
  /** The Docker Engine that images are built with, whatever runs the cloud. */
  docker: () => Promise<DockerClient>;
  /** What runs of the cloud, observed once: for all that a command looks at before it changes anything. */
  look: () => Promise<Observed>;
  /** What secrets, authority or certificate were made of by opening the cloud, and are in memory only. */
  unkept: () => string[];
  /** Keeps what was made in memory, and from now on every change of the secrets: for commands that change the cloud. */
  keep: () => void;
  /** Tells the user of something beside what the command does; of one topic once. */
  warn: (text: string, topic?: string) => void;
}

/** Secrets that no service declares but the command line needs. */
const ownSecrets = [{ name: 'demo-key', kind: 'ssh-ed25519' }] as const;

/** The Docker context that cloud.yaml names: with another engine its context is that engine's. */
export function dockerContext({ engine, context }: CloudConfig): string | undefined {
  return engine === 'docker' ? context : undefined;
}

/** Keystone's public URL. */
export function identityUrl({ public: side }: SettledConfig): string {
  const facts = { publicHost: side.hostname ?? side.address, publicPorts: side.ports };
  return publicUrl(facts, 'keystone', 5000, '/v3');
}

/** Reads and checks cloud.yaml. Throws GantryErrors with every mistake. */
export async function loadConfigured(options: CloudChoice): Promise<Configured> {
  const root = projectRoot();
  const catalogue = await loadCatalogue(root);
  const loaded = loadCloudConfig({
    ...(options.file === undefined ? {} : { path: options.file }),
    directory: process.cwd(),
    overrides: {
      name: options.name,
      engine: options.engine,
      context: options.context,
      ...options.overrides,
    },
    known: knownNames(root, catalogue),
    clock: () => new Date(),
  });
  const { config } = loaded;
  return {
    root,
    loaded,
    config,
    services: enabledServices(catalogue, config),
    stateDirectory: join(stateBase(process.env, process.getuid?.() ?? 0), config.name),
  };
}

export interface OpenOptions {
  extraImages?: string[];
  /** Changes the secrets before the cloud is rendered: unless it is kept, this shows what it would be with them. */
  preview?: (secrets: SecretStore) => void;
  /** Issues a new certificate though the one there is still good. */
  renewCertificate?: boolean;
  /** Its engine, where that was opened before. */
  opened?: Opened;
}

/** An engine that answers, of which nothing is asked yet. */
export interface Opened extends Configured, Pick<Cloud, 'graph' | 'engine' | 'docker' | 'warn'> {
  /** Gives the engine the passwords that its tasks log in with. */
  setSecrets(secrets: SecretStore): void;
}

/** The engine of a cloud, for what is done before the cloud can be rendered. */
export async function openEngineOf(options: CloudChoice): Promise<Opened> {
  const configured = await loadConfigured(options);
  const { loadImageGraph } = await import('../images/graph.ts');
  const { openEngine } = await import('./engine.ts');
  const docker = lazily(async () => {
    const { createDockerClient } = await import('../../engines/docker/client.ts');
    return createDockerClient(process.env, dockerContext(configured.config));
  });
  const graph = await loadImageGraph(configured.root);
  let secrets: SecretStore | undefined;
  const warn: Cloud['warn'] = (text, topic = text) => options.warn(text, topic);
  const engine = await openEngine({
    ...configured,
    graph,
    docker,
    warn,
    password: (name) => (secrets as SecretStore).get(name),
  });
  const setSecrets = (store: SecretStore): void => {
    secrets = store;
  };
  return { ...configured, graph, docker, warn, engine, setSecrets };
}

/**
 * Everything `up` and `plan` work with. Secrets and certificates that are missing are made in memory: nothing is written
 * unless the caller keeps it.
 */
export async function openCloud(
  options: CloudChoice,
  { extraImages = [], preview, renewCertificate = false, opened }: OpenOptions = {},
): Promise<Cloud> {
  const { graph, docker, warn, engine, setSecrets, ...configured } = opened ?? (await openEngineOf(options));
  const engineFacts = await engine.facts();
  const config = settle(configured.config, engineFacts);
  const { services } = configured;

  const files = new DraftFiles(configured.stateDirectory);
  const { secrets, authority, certificate } = await openKeeping(
    config,
    engineFacts,
    services,
    files,
    renewCertificate,
  );
  preview?.(secrets);
  setSecrets(secrets);
  const facts = cloudFacts(config, engineFacts, certificate);
  const desired = renderDesired({
    config,
    facts,
    services,
    secret: (name) => secrets.get(name),
    turn: (name) => secrets.turn(name),
    images: graph.images,
    extraImages,
  });
  return {
    ...configured,
    config,
    facts,
    secrets,
    authority,
    graph,
    desired,
    engine,
    docker,
    warn,
    look: lazily(() => engine.observe(desired)),
    unkept: () => files.unkept,
    keep: () => files.keep(),
  };
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * Throws `cloud.secrets-missing` where a cloud is there, but nothing that was kept of it: its processes would be given
 * new passwords, which its data does not know.
 * @param cloud opened without making its secrets
 */
export async function refuseWithoutSecrets({
  config,
  desired,
  engine,
  stateDirectory,
}: Pick<Cloud, 'config' | 'desired' | 'engine' | 'stateDirectory'>): Promise<void> {
  if (hasSecrets(stateDirectory)) return;
  const { steps } = await engine.planDown(desired, { volumes: true });
  if (steps.length === 0) return;
  throw new GantryError({
    code: 'cloud.secrets-missing',
    whose: 'user',
    message: `the cloud ${config.name} is there, but not its secrets`,
    why: `${stateDirectory} has none. With new ones the cloud could not use its own data.`,
    next: 'bring that directory back, from a backup or from the machine and user that made the cloud (GANTRY_STATE, as it was then), or remove the cloud with all its data: gantry down --volumes',
  });
}

/** As openCloud, for commands that use a cloud: throws `cloud.not-up` where nothing of it runs. */
export async function openRunningCloud(options: CloudChoice, extraImages: string[] = []): Promise<Cloud> {
  const cloud = await openCloud(options, { extraImages });
  await refuseWithoutSecrets(cloud);
  const { instances } = await cloud.look();
  if (instances.some((instance) => instance.state === 'running')) return cloud;
  throw new GantryError({
    code: 'cloud.not-up',
    whose: 'user',
    message: `the cloud ${cloud.config.name} is not up`,
    next: 'run "gantry up" first',
  });
}

async function openKeeping(
  config: SettledConfig,
  engine: EngineFacts,
  services: ServiceDefinition[],
  files: PrivateFiles,
  renew: boolean,
) {
  const secrets = openSecrets(files, { random: randomBytes });
  const declared = declarations(
    services,
    cloudFacts(config, engine, { chainAndKey: '', authority: '' }),
  ).secrets;
  secrets.ensure([...declared, ...ownSecrets]);
  return { secrets, ...(await openCertificate(config, engine, files, renew)) };
}

async function openCertificate(
  config: SettledConfig,
  engine: EngineFacts,
  files: PrivateFiles,
  renew: boolean,
) {
  const { address, hostname, certificate, key } = config.public;
  const clock = (): Date => new Date();
  if (certificate && key) {
    const { loadGivenCertificate } = await import('../secrets/given-certificate.ts');
    const given = loadGivenCertificate({
      certificatePath: certificate,
      keyPath: key,
      host: hostname ?? address,
      clock,
    });
    return { authority: undefined, certificate: { chainAndKey: given.chain + given.key, authority: '' } };
  }
  const { ensureAuthority, ensureCertificate, renewCertificate } = await import('../secrets/authority.ts');
  const authority = await ensureAuthority(files, clock);
  const names = certificateNames(config, engine);
  const obtain = renew ? renewCertificate : ensureCertificate;
  const issued = await obtain(files, { authority, names, clock });
  return {
    authority: authority.certificate,
    certificate: { chainAndKey: issued.chain + issued.key, authority: authority.certificate },
  };
}
