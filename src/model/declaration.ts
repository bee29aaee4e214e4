/** What services say about themselves before any of them is rendered. */

import type { ServiceAccount } from './desired.ts';

/** A secret a service needs; the name is unique in the cloud. */
export interface SecretNeed {
  name: string;
  kind: 'password' | 'fernet' | 'hex' | 'uuid' | 'ssh-ed25519' | 'ec-p256';
}

/** A database with one user of the same name, who owns all of it. */
export interface DatabaseNeed {
  name: string;
  user: string;
  secret: string;
  /** What the user logs in as, where it is not its own name (see Retired). */
  login?: string;
}

/** A user of the message broker in the cloud's one virtual host. */
export interface BrokerUser {
  user: string;
  secret: string;
  /** What the user logs in as, where it is not its own name (see Retired). */
  login?: string;
}

/**
 * Logins that are valid no more. A user has two logins that take turns: while its password is changed both are valid,
 * the one in use declared before the other, so that no process is without one that works.
 */
export interface Retired {
  databaseUsers: string[];
  brokerUsers: string[];
  accounts: string[];
}

/** A port that the front door holds for a process: plain inside the cloud, TLS for the public. */
export interface Frontend {
  /** Host name that clients inside the cloud use. */
  name: string;
  /** The process that answers. */
  process: string;
  /** The port, the same inside, at the process and in public. */
  port: number;
  public: boolean;
  /** Long-lived two-way connections (WebSocket). */
  tunnel?: boolean;
  /**
   * All connections go to one instance of several, the first that says on the port of its state, by an HTTP status of
   * 200, that it takes them. While the process is single there is no such front end: clients use its own name.
   */
  leader?: { statePort: number };
}

export interface EndpointNeed {
  service: string;
  type: string;
  description: string;
  frontend: string;
  port: number;
  path: string;
}

/** The services that others share, such as the database, are rendered from what all of them declare. */
export interface ServiceDeclaration {
  secrets?: SecretNeed[];
  databases?: DatabaseNeed[];
  brokerUsers?: BrokerUser[];
  accounts?: ServiceAccount[];
  endpoints?: EndpointNeed[];
  frontends?: Frontend[];
}
