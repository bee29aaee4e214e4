import type { OsloSections } from '../model/oslo.ts';
import { CONFIG_DIR } from '../model/workload.ts';
import type { ExternalNetwork } from '../openstack/external-network.ts';
import type { ImageSource } from '../openstack/image-upload.ts';
import type { Resource } from '../openstack/resource.ts';
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
  /** In which layer what tests make of it is removed. */
  layer: (typeof layers)[number];
  /** What tests make of it, in the order of removal: what uses others goes first. */
  kinds: readonly Kind[];
  /** Removes what only a user can reach, before the user goes. */
  removeOfUser?(admin: Session, userId: string): Promise<void>;
}

/** In the order of removal: what uses what other services have, that, and those to whom it belongs. */
export const layers = ['workloads', 'resources', 'owners'] as const;

export interface Found {
  id: string;
  name?: string | null;
  description?: string | null;
  device_owner?: string;
  /** Whose it is: each API has a name of its own for that. */
  project_id?: string;
  tenant_id?: string;
  owner?: string;
}

/** A kind of thing that tests make. */
export interface Kind {
  what: string;
  list(admin: Session): Promise<Found[]>;
  remove(admin: Session, id: string): Promise<unknown>;
  /** Things of all kinds may belong to one of these. */
  holds?: 'project' | 'user';
  /** Goes by itself with what it belongs to where it cannot be removed. */
  dependent?: (found: Found) => boolean;
}

export function defineTempestPart<Seen = void>(part: TempestPart<Seen>): TempestPart {
  return part as TempestPart;
}

export function kind(
  what: string,
  resource: Resource<{ id: string }>,
  query: Record<string, string | number> = {},
  remove: Kind['remove'] = (admin, id) => resource.remove(admin, id),
): Kind {
  return { what, list: (admin) => resource.list(admin, query), remove };
}
