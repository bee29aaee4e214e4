import type { RenderContext } from '../../../src/model/context.ts';
import type { NetworkDriver } from '../../../src/model/network-driver.ts';
import type { OsloSections } from '../../../src/model/oslo.ts';
import type { ServiceDefinition } from '../../../src/model/service.ts';
import type { Needs, Process } from '../../../src/model/workload.ts';

/** A network driver as Neutron itself sees it: what its server is configured with, and the processes that come with it. */
export interface NeutronDriver extends NetworkDriver {
  /** Options of neutron.conf, beside those of every driver. */
  serverSections(context: RenderContext): OsloSections;
  /** Processes of the driver that Neutron's server connects to. */
  serverReaches: string[];
  /** What the instances of Neutron's API need with it. */
  apiNeeds: Needs;
  /** RPC workers where cloud.yaml does not say: none where no agent talks to the server. */
  rpcWorkers: number;
  /** Workers of Neutron's server that only this driver has, each with the port of what it works on. */
  workers: { name: string; program: string; worksOn: { port: number; name: string } }[];
  /** What runs on nodes and is configured by Neutron. */
  agents(context: RenderContext): Process[];
  /** All processes of `workers` and `agents`. */
  processNames: ServiceDefinition['processNames'];
  /** What Neutron's tests in Tempest are to know of it: options of `[neutron_plugin_options]`. */
  testOptions: OsloSections[string];
  /** What `agents` read. */
  configFiles: NonNullable<ServiceDefinition['configFiles']>;
}
