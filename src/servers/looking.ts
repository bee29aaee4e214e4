import type { Engine } from '../engine/engine.ts';
import type { NetworkTraces } from '../model/network-driver.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { Session } from '../openstack/session.ts';

/** Where to look. */
export interface Looking {
  /** An administrator's. */
  admin: Session;
  engine: Pick<Engine, 'exec' | 'logs'>;
  cloud: string;
  /** Where the network driver leaves traces. */
  traces: NetworkTraces;
  /** Of all that runs of the cloud. */
  instances: readonly ObservedInstance[];
}
