import type { OsloSections } from '../model/oslo.ts';
import { CONFIG_DIR } from '../model/workload.ts';
import type { ExternalNetwork } from '../openstack/external-network.ts';
import type { ImageSource } from '../openstack/image-upload.ts';
import type { Session } from '../openstack/session.ts';

/** What the names of everything that Tempest makes begin with. Longer, some would pass the 64 characters they may have. */
export const PREFIX = 'gtest';
/** Where the certificate authority is in the container. */
export const AUTHORITY_FILE = `${CONFIG_DIR}/authority.pem`;
/** Whole seconds that what tests ask for may take, with room for guests that are emulated on busy cores. */
export const BUILD_TIMEOUT = 300;

/** What a run gives to the services to prepare a cloud with. */
export interface Preparation {
  /** Of the API that the public endpoint for logins has, with its version. */
  authUrl: string;
  /** Whether the endpoints' certificate is signed by an authority that is not the system's. */
  ownAuthority: boolean;
  external: ExternalNetwork;
  /** As cloud.yaml names it. */
  networkDriver: string;
  /** Gives the guest's disk; called once for each image that is made of it. */
  guest: ImageSource;
  /** Who logs in to servers of these images. */
  sshUser: string;
}

/**
 * What a service brings to a run of Tempest: the default export of `catalogue/SERVICE/tempest.ts`. `Seen` is what Tempest
 * is to know of the service in a cloud.
 */
export interface TempestPart<Seen = unknown> {
  /** Makes what tests need to have given. `admin` is an administrator's session. */
  prepare(admin: Session, wanted: Preparation): Promise<Seen>;
  /** Its part of tempest.conf. */
  sections(seen: Seen): OsloSections;
  /** What of it is secret: tests read it, and it is not in the file that is kept of the run. */
  secrets?(seen: Seen): OsloSections;
}

export function defineTempestPart<Seen = void>(part: TempestPart<Seen>): TempestPart {
  return part as TempestPart;
}
