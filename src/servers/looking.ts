import type { Engine } from '../engine/engine.ts';
import type { NetworkTraces } from '../model/network-driver.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { ComputeTraces, HypervisorAccess, VolumeTraces } from '../model/offers.ts';
import type { Session } from '../openstack/session.ts';

/** Where a server has left traces, in what makes it, what runs it and what connects it. */
export interface ServerTraces {
  compute: ComputeTraces;
  hypervisor: HypervisorAccess;
  network: NetworkTraces;
  /** Where the cloud has volumes. */
  volumes?: VolumeTraces;
}

/** Where to look. */
export interface Looking {
  /** An administrator's. */
  admin: Session;
  engine: Pick<Engine, 'exec' | 'logs'>;
  cloud: string;
  traces: ServerTraces;
  /** Of all that runs of the cloud. */
  instances: readonly ObservedInstance[];
}
