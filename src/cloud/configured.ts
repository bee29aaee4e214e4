import { join } from 'node:path';
import { type LoadedConfig, loadCloudConfig } from '../config/load.ts';
import { type CloudConfig, cloudSchema } from '../config/schema.ts';
import type { ServiceDefinition } from '../model/service.ts';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { checkSettings } from '../resolve/check-settings.ts';
import { enabledServices } from '../resolve/enabled.ts';
import { instanceNames, knownNames } from '../resolve/known.ts';
import { projectRoot } from '../root.ts';
import { type CloudChoice, stateBase } from './choice.ts';

/** What is known before any engine is touched: the configuration and the catalogue. */
export interface Configured {
  root: string;
  loaded: LoadedConfig;
  config: CloudConfig;
  services: ServiceDefinition[];
  /** Where this cloud's secrets, authority, logs and downloads are kept. */
  stateDirectory: string;
}

/** The Docker context that cloud.yaml names: with another engine its context is that engine's. */
export function dockerContext({ engine, context }: CloudConfig): string | undefined {
  return engine === 'docker' ? context : undefined;
}

/** Reads and checks cloud.yaml. Throws GantryErrors with every mistake. */
export async function loadConfigured(choice: CloudChoice): Promise<Configured> {
  const root = projectRoot();
  const catalogue = await loadCatalogue(root);
  const loaded = loadCloudConfig({
    ...(choice.file === undefined ? {} : { path: choice.file }),
    directory: process.cwd(),
    overrides: {
      name: choice.name,
      engine: choice.engine,
      context: choice.context,
      ...choice.overrides,
    },
    schema: cloudSchema(catalogue),
    findings: (config) => checkSettings(catalogue, config),
    known: (config) => ({
      ...knownNames(root, catalogue, config.release),
      instances: instanceNames(catalogue, config),
      on: enabledServices(catalogue, config).map(({ name }) => name),
    }),
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
