import type { ActivityResult } from '../openstack/flow.ts';
import type { ServicePurge } from '../openstack/purge.ts';
import type { Session } from '../openstack/session.ts';
import type { ServiceChecks } from './check.ts';
import type { VerifyMeans } from './means.ts';

export interface VerifyOptions extends VerifyMeans {
  /** Part of the names of all that is made; letters and digits, different for each run. */
  id: string;
  /** A session of an administrator, through the public endpoints. */
  open(): Promise<Session>;
  /** What the cloud's services bring. */
  services: readonly ServiceChecks[];
  purges: readonly ServicePurge[];
  /** Names of the checks to run, with what they need; none for all. */
  wanted?: readonly string[];
  /** Leaves what the run made when a check failed, to look at; later runs remove it. */
  keepFailed?: boolean;
  /** For cleaning up after an interruption. */
  cleanupLimitMs?: number;
}

export interface VerifyResult {
  checks: ActivityResult[];
  ok: boolean;
  /** What could not be removed, in words; empty as a rule. */
  leftBehind: string[];
  /** Why what was made does not work, in words, where a check failed: of a server, rung by rung what it needs. */
  ladder?: string;
  /** Name of all that was kept to look at, where that was asked for and a check failed. */
  kept?: string;
}

const PREFIX = 'gantry-verify-';

/** No run takes this long; what is older was left by an interrupted one. */
const LONGEST_RUN_SECONDS = 1800;

/** Name of all that a run makes. It tells when the run began, in seconds since the epoch. */
export function nameOf(id: string, nowMs: number): string {
  return `${PREFIX}${Math.floor(nowMs / 1000)}-${id}`;
}

/** True for what an interrupted run left, and for nothing of a run that may be under way. */
export function isLeftOver(name: string, nowMs: number): boolean {
  const begun = /^(\d+)-/.exec(name.slice(PREFIX.length))?.[1];
  if (!name.startsWith(PREFIX) || begun === undefined) return false;
  return nowMs / 1000 - Number(begun) > LONGEST_RUN_SECONDS;
}
