/** What OpenStack's services tell of, as notifications: https://docs.openstack.org/oslo.messaging/latest/reference/notifier.html */

/** A notification, as it is kept. What its service says in particular is its payload, of a form of its type's own. */
export interface KeptEvent {
  /** A UUID. */
  id: string;
  /** ISO 8601, UTC, with microseconds. */
  at: string;
  /** The exchange of the message broker that it came by, which its service has for itself. */
  exchange: string;
  /** Such as `compute.instance.create.end`. */
  type: string;
  priority: string;
  /** Such as `compute.node-1`. */
  publisher: string;
  /** Ids of whom it was done for; null where the service does not say. */
  project: string | null;
  user: string | null;
  request: string | null;
  payload: unknown;
}

/** How the events of a service are told: the default export of `catalogue/SERVICE/events.ts`. */
export interface ServiceEvents {
  service: string;
  exchange: string;
  /** In a few words what has happened; undefined where that is nothing for people, such as that it has begun. */
  say(event: KeptEvent): string | undefined;
}
