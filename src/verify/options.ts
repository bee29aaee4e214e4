import type { ExternalNetwork } from '../demo/options.ts';
import type { ActivityResult } from '../openstack/flow.ts';
import type { ImageSource } from '../openstack/image-upload.ts';
import type { Session } from '../openstack/session.ts';

export interface VerifyOptions {
  /** Part of the names of all that is made; letters and digits, another one for each run. */
  id: string;
  /** Of the user that is made for the run. */
  password: string;
  /** A session of an administrator, through the public endpoints. */
  open(): Promise<Session>;
  /** Types that the catalogue must have. */
  serviceTypes: readonly string[];
  external: ExternalNetwork;
  /** CIDR of the network that is made for the run. */
  subnet: string;
  /** A guest as Gantry builds it; its name does not matter. */
  image: ImageSource;
  publicKey: string;
  /** Runs `hostname` on the server over SSH; resolves to its output. */
  logIn(address: string, signal: AbortSignal): Promise<string>;
  /** Sends one ICMP echo and waits for the answer; without it that check is skipped. */
  ping?(address: string, signal: AbortSignal): Promise<void>;
  /** For cleaning up after an interruption. */
  cleanupLimitMs?: number;
}

export type Check = ActivityResult;

export interface VerifyResult {
  checks: Check[];
  ok: boolean;
  /** What could not be removed, in words; empty as a rule. */
  leftBehind: string[];
}

const PREFIX = 'gantry-verify-';

export function nameOf(id: string): string {
  return `${PREFIX}${id}`;
}

/** True for what this or an earlier run made. */
export function isOurs(name: string): boolean {
  return name.startsWith(PREFIX);
}
