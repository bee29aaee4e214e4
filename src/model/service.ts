import type { DeclareContext, RenderContext } from './context.ts';
import type { CpuSet } from './cpu-set.ts';
import type { ServiceDeclaration } from './declaration.ts';
import type { ImageRegistry, Ledger } from './desired.ts';
import type { NetworkDriver } from './network-driver.ts';
import type { OfferName, Offers } from './offers.ts';
import type { SettingsFinding, SettingsOf, SettingsShape } from './settings/settings.ts';
import type { Task } from './task.ts';
import type { Job, PlacedDevice, Process, Resources, VolumeDevice } from './workload.ts';

export interface RenderedService {
  processes: Process[];
  jobs: Job[];
  tasks: Task[];
}

export interface ProcessTraits<Settings = unknown> {
  replicas: boolean;
  workers?: boolean;
  /** It has one instance for each of these devices, which some setting names, and none where that has none. */
  perDevice?(settings: Settings): readonly (PlacedDevice | VolumeDevice)[];
  /** It is there only where settings ask for it. */
  bySettings?: boolean;
  /** The cloud works without it, but for what it alone gives: it may be switched off where its service may not. */
  optional?: boolean;
  /** It is there with the network driver of this name only. */
  ofNetworkDriver?: string;
  /**
   * Its instances hold what is there once for each of them, such as data or a fixed address, so that not every engine
   * runs several. `majority`: they work while more than half of them do. `alike`: nobody tells them apart.
   */
  cluster?: 'majority' | 'any' | 'alike';
}

/** What settings are held against beside each other. */
export interface CheckedCloud {
  /** Whether the service that is asked is on. */
  isOn: boolean;
  /** Whether a service that is on gives it. */
  isGiven(offer: OfferName): boolean;
  /** Whether the cloud's processes are spread over nodes. */
  hasNodes: boolean;
  /** What cloud.yaml limits a process to, or one instance of what has one for each device. */
  limitsOf(process: string): Resources;
}

export interface ConfigFileTraits {
  /** The groups that only some processes read, with those. */
  groupReaders?: Record<string, string[]>;
  /** It is read with the network driver of this name only. */
  ofNetworkDriver?: string;
}

export interface NetworkDrivers<Settings> {
  all: readonly NetworkDriver[];
  /** The one that these settings name. */
  chosen(settings: Settings): NetworkDriver;
}

/** A service whose own settings are `Settings`. */
export interface ServiceDefinition<Settings = unknown> {
  name: string;
  summary: string;
  /** On unless cloud.yaml says otherwise. */
  byDefault: boolean;
  /** Others cannot do without it. */
  required: boolean;
  /** With these settings it is on, and the cloud is this service and nothing else. */
  isAlone?(settings: Settings): boolean;
  /** The service that it is in the place of, of whose offers it gives those that it can: a cloud has one of both. */
  inPlaceOf?: string;
  /** What it takes from cloud.yaml. */
  settings?: SettingsShape;
  /** What is wrong with these settings beside each other, and beside what else the cloud has. */
  checkSettings?(settings: Settings, cloud: CheckedCloud): SettingsFinding[];
  /** CPUs that it gives to what it runs outside of its processes. */
  cpuSets?(settings: Settings): CpuSet[];
  declare(context: DeclareContext<Settings>): ServiceDeclaration;
  render(context: RenderContext<Settings>): RenderedService;
  /** What it gives to other services; one that depends on how the cloud is may be undefined. */
  gives?: { [Name in OfferName]?: (context: RenderContext<Settings>) => Offers[Name] | undefined };
  /** Of what it gives, what users of the cloud have as well, so that no service need take it. */
  givesUsers?: OfferName[];
  /** Its processes, known before rendering, for checking cloud.yaml. */
  processNames: Record<string, ProcessTraits<Settings>>;
  /** Volumes that belong to no node, whose size cloud.yaml may say: known before rendering. */
  dataVolumes?: string[];
  /** Configuration files that cloud.yaml may set options of. */
  configFiles?: Record<string, ConfigFileTraits>;
  /** Where success of jobs is recorded, for the service that can. */
  ledger?: Ledger;
  /** For the service that keeps the images of the others: it is on where cloud.yaml names no other place for them. */
  imageRegistry?: ImageRegistry;
  /** For the service that has them. */
  networkDrivers?: NetworkDrivers<Settings>;
  /** For the service of the switch: what network drivers run beside it are processes of this service. */
  runsNodeProcesses?: true;
  /** For a service that is part of a network driver, by the driver's name: it is on where the driver is the cloud's. */
  ofNetworkDriver?: string;
}

/** Types the settings that the service is given by their shape. Nobody else reads them, so that to others they are unknown. */
export function defineService<Shape extends SettingsShape = Record<never, never>>(
  definition: ServiceDefinition<SettingsOf<Shape>> & { settings?: Shape },
): ServiceDefinition {
  return definition as ServiceDefinition;
}
