import type { Protocol } from '../model/workload.ts';

/**
 * One option of a service's configuration file, as oslo.config declares it. The option named `*` of a group stands
 * for all others in it, the group named `*` for all other groups.
 */
export interface OsloOption {
  type:
    | 'string'
    | 'integer'
    | 'boolean'
    | 'float'
    | 'list'
    | 'dict'
    | 'port'
    | 'host'
    | 'address'
    | 'uri'
    | 'range'
    | (string & {});
  /** May be given several times: a list is written as repeated lines. */
  multi?: boolean;
  choices?: readonly (string | number | null)[];
  min?: number;
  max?: number;
  /** The name that took this one's place. */
  deprecatedFor?: string;
}
export type OsloOptions = Record<string, Record<string, OsloOption>>;

/** Under `resources` of cloud.yaml, in the place of a name: all processes and jobs that it says nothing else of. */
export const OTHERS = 'others';

/** Where users reach a process of a service. */
export interface PublicEndpoint {
  service: string;
  /** Its standard port, in each of the protocols. */
  port: number;
  protocols: readonly Protocol[];
}

/** The names that cloud.yaml may use, from the catalogue. */
export interface Known {
  services: readonly string[];
  /** Of these, the ones that a cloud has without being asked for them; all where not given. */
  servicesByDefault?: readonly string[];
  /** The services that this cloud has, where that is known. */
  on?: readonly string[];
  /** The processes of each service, for those who name the one and mean the other. */
  processesOf?: Readonly<Record<string, readonly string[]>>;
  /** Of these, the ones that no cloud is without. */
  requiredServices?: readonly string[];
  processes: readonly string[];
  /** Of these, the ones that run once for each device. */
  perDevice?: readonly string[];
  /** What there is of those, by name of the process. */
  instances?: Readonly<Record<string, readonly string[]>>;
  /** Option data by file name; undefined where there is none, which allows anything. */
  configFiles: Record<string, OsloOptions | null | undefined>;
  /** Where the option data of a configuration file would be, by its name; relative to the project. */
  optionData?: Readonly<Record<string, string>>;
  /** Processes that may run several times; all where not given. */
  scalable?: readonly string[];
  /** Processes of required services that a cloud can do without. */
  optionalProcesses?: readonly string[];
  /** Of these, the ones that not every engine runs several times, and how many of them must work. */
  clusters?: Readonly<Record<string, 'majority' | 'any' | 'alike'>>;
  /** Volumes whose size may be said; anything where not given. */
  volumes?: readonly string[];
  /** Processes that have workers; all where not given. */
  withWorkers?: readonly string[];
  /** The public endpoints for `public.ports`, by name; anything where not given. */
  endpoints?: Readonly<Record<string, PublicEndpoint>>;
}
