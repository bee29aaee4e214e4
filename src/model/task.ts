import type { Ref } from './workload.ts';

/** What tasks do, as data, by type. Whoever runs them has an executor for each type. */
export interface TaskActions {
  'keystone.register': {
    accounts: ServiceAccount[];
    endpoints: CatalogueEndpoint[];
    /** Users of accounts that are valid no more. */
    retired?: string[];
  };
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

/** An account of a service in Keystone: a user in the `service` project with these roles. */
export interface ServiceAccount {
  user: string;
  /** Name of the secret that holds its password. */
  secret: string;
  /** Name of the user in Keystone, where it is not its own. */
  login?: string;
  roles: string[];
}

/** An entry of Keystone's service catalogue. URLs are complete, with scheme and path. */
export interface CatalogueEndpoint {
  service: string;
  type: string;
  description: string;
  publicUrl: string;
  internalUrl: string;
}
