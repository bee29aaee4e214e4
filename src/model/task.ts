import type { Ref } from './workload.ts';

/** What tasks do, as data, by type. Whoever runs them has an executor for each type. */
export interface TaskActions {
  /** What is to be there in the API that users log in to. */
  'identity.register': {
    accounts: ServiceAccount[];
    /** Roles that are to be there though no account has them. */
    roles?: RoleNeed[];
    endpoints: CatalogueEndpoint[];
    /** Users of accounts that are valid no more. */
    retired?: RetiredUser[];
  };
}

/** A role that users may be given. */
export interface RoleNeed {
  name: string;
  /** The administrator has it in the project that administrators work in. */
  administrator?: boolean;
}

export type TaskType = keyof TaskActions;
export type TaskAction = { [K in TaskType]: { type: K } & TaskActions[K] }[TaskType];

/** Something done over a service's API rather than in a container, such as the registrations in Keystone. */
export interface Task {
  name: string;
  service: string;
  action: TaskAction;
  after: Ref[];
}

/** An account of a service in Keystone: a user. */
export interface ServiceAccount {
  user: string;
  /** Name of the secret that holds its password. */
  secret: string;
  /** Name of the user in Keystone, where it is not its own. */
  login?: string;
  /** Name of the domain that the user is in, which is made where it is not there; `Default` unless said. */
  domain?: string;
  /** Its roles in the project `service`; may be empty. */
  roles: string[];
  /** Its roles elsewhere. */
  assignments?: RoleAssignment[];
  /** Users have given it rights (trusts), which are this very user's: its password does not take turns with another's. */
  trustee?: true;
}

export interface RoleAssignment {
  roles: string[];
  scope: RoleScope;
}

/**
 * What a role is for: a project, of the domain `Default` unless said; a domain; or the system, which is all of the cloud
 * that is of no project. Projects and domains are named, and made where they are not there.
 */
export type RoleScope = { project: string; domain?: string } | { domain: string } | 'system';

/** A user by name; with its domain where that is not `Default`. */
export type RetiredUser = string | { user: string; domain: string };

/** An entry of Keystone's service catalogue. URLs are complete, with scheme and path. */
export interface CatalogueEndpoint {
  service: string;
  type: string;
  description: string;
  publicUrl: string;
  internalUrl: string;
}
