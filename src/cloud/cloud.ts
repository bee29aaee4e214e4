import { randomBytes } from 'node:crypto';
import type { DockerClient } from '../../engines/docker/client.ts';
import type { Engine } from '../engine/engine.ts';
import { GantryError } from '../errors.ts';
import type { ImageGraph } from '../images/image.ts';
import type { CloudFacts } from '../model/context.ts';
import type { ServiceDeclaration } from '../model/declaration.ts';
import type { Desired } from '../model/desired.ts';
import type { Observed } from '../model/observed.ts';
import { releaseNamed } from '../model/releases.ts';
import { declarations, renderDesired } from '../resolve/desired.ts';
import { stampEvents } from '../run/emit.ts';
import type { Emit } from '../run/events.ts';
import { DraftFiles } from '../secrets/files.ts';
import { hasSecrets, openSecrets, type SecretStore } from '../secrets/store.ts';
import type { Caller } from './caller.ts';
import { openCertificate } from './certificate.ts';
import { type Configured, dockerContext } from './configured.ts';
import { type AddressedConfig, cloudFacts, decideAddress } from './facts.ts';

/** A cloud rendered for an engine that answers. */
export interface Cloud extends Configured {
  config: AddressedConfig;
  facts: CloudFacts;
  /** What its services declare. */
  declared: Required<ServiceDeclaration>;
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
  emit: Emit;
}

/** Secrets that no service declares but the command line needs. */
const ownSecrets = [{ name: 'demo-key', kind: 'ssh-ed25519' }] as const;

export interface OpenOptions {
  extraImages?: string[];
  /** Changes the secrets before the cloud is rendered: unless it is kept, this shows what it would be with them. */
  preview?: (secrets: SecretStore) => void;
  /** Issues a new certificate though the one there is still good. */
  renewCertificate?: boolean;
  /** Sections of cloud.yaml in place of those that it has: what the cloud would be with them. */
  sections?: Readonly<Record<string, unknown>>;
  /** Its engine, where that was opened before. */
  opened?: Opened;
}

/** An engine that answers, of which nothing is asked yet. */
export interface Opened extends Configured, Pick<Cloud, 'graph' | 'engine' | 'docker' | 'emit'> {
  /** What is kept of the cloud's secrets. Read once it is needed: not all that use an engine need it. */
  kept: () => Kept;
}

interface Kept {
  files: DraftFiles;
  secrets: SecretStore;
}

/** The engine of a cloud, for what is done before the cloud can be rendered, or needs no more than what runs. */
export async function openEngineOf(configured: Configured, caller: Pick<Caller, 'emit'>): Promise<Opened> {
  return openEngineWith(configured, stampEvents({ cloud: configured.config.name }, [caller.emit]));
}

async function openEngineWith(configured: Configured, emit: Emit): Promise<Opened> {
  const { loadImageGraph } = await import('../images/graph.ts');
  const { openEngine } = await import('./engine.ts');
  const docker = lazily(async () => {
    const { createDockerClient } = await import('../../engines/docker/client.ts');
    return createDockerClient(process.env, dockerContext(configured.config));
  });
  const graph = await loadImageGraph(configured.root, releaseNamed(configured.config.release));
  const kept = lazily((): Kept => {
    const files = new DraftFiles(configured.stateDirectory);
    return { files, secrets: openSecrets(files, { random: randomBytes }) };
  });
  const password = (name: string): string => kept().secrets.get(name);
  const engine = await openEngine({ ...configured, graph, docker, emit, password });
  return { ...configured, graph, docker, emit, engine, kept };
}

/**
 * Everything `up` and `plan` work with. Secrets and certificates that are missing are made in memory: nothing is written
 * unless the caller keeps it.
 */
export async function openCloud(
  configured: Configured,
  options: OpenOptions,
  caller: Pick<Caller, 'emit'>,
): Promise<Cloud> {
  return openWith(configured, options, stampEvents({ cloud: configured.config.name }, [caller.emit]));
}

/** As openCloud, for what stamps its events itself. */
export async function openWith(configured: Configured, options: OpenOptions, emit: Emit): Promise<Cloud> {
  const { extraImages = [], preview, renewCertificate = false, sections = {} } = options;
  const { kept, ...opened } = options.opened ?? (await openEngineWith(configured, emit));
  const { engine, graph, services } = opened;
  const engineFacts = await engine.facts();
  const config = decideAddress({ ...configured.config, ...sections }, engineFacts);
  const { files, secrets } = kept();
  const bare = cloudFacts(config, engineFacts, { chainAndKey: '', authority: '' });
  secrets.ensure([...declarations(services, bare, config).secrets, ...ownSecrets]);
  const { authority, certificate } = await openCertificate(config, engineFacts, files, renewCertificate);
  preview?.(secrets);
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
    ...opened,
    config,
    facts,
    declared: declarations(services, facts, config),
    secrets,
    authority,
    desired,
    look: lazily(() => engine.observe(desired)),
    unkept: () => files.unkept,
    keep: () => files.keep(),
  };
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
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

/** As openCloud, for what uses a cloud: throws `cloud.not-up` where nothing of it runs. */
export async function openRunningCloud(
  configured: Configured,
  options: OpenOptions,
  caller: Pick<Caller, 'emit'>,
): Promise<Cloud> {
  const cloud = await openCloud(configured, options, caller);
  await requireRunning(cloud);
  return cloud;
}

/** Throws `cloud.not-up` where nothing of the cloud runs. */
export async function requireRunning(cloud: Cloud): Promise<void> {
  await refuseWithoutSecrets(cloud);
  const { instances } = await cloud.look();
  if (instances.some((instance) => instance.state === 'running')) return;
  throw new GantryError({
    code: 'cloud.not-up',
    whose: 'user',
    message: `the cloud ${cloud.config.name} is not up`,
    next: 'run "gantry up" first',
  });
}
