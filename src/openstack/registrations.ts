import type { CatalogueEndpoint } from '../model/task.ts';
import { type Accounts, accountWork } from './accounts.ts';
import { type Endpoint, endpoints, services } from './identity.ts';
import type { Session } from './session.ts';

export interface Registrations extends Accounts {
  endpoints: readonly CatalogueEndpoint[];
  region: string;
}

/**
 * Brings Keystone's users, roles, services and endpoints to what is wanted; what is there and right is left alone,
 * what belongs to others is never removed. Returns what was changed, in words. Needs the role admin.
 */
export async function registerInKeystone(session: Session, wanted: Registrations): Promise<string[]> {
  const changes: string[] = [];
  await allOf([
    ...accountWork(session, wanted, (what) => changes.push(what)),
    registerServices(session, wanted, changes),
  ]);
  return changes;
}

/** Throws the first failure after all have ended: what can be done is done. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

async function registerServices(
  session: Session,
  wanted: Pick<Registrations, 'endpoints' | 'region'>,
  changes: string[],
): Promise<void> {
  const [foundServices, foundEndpoints] = await Promise.all([
    services.list(session),
    endpoints.list(session),
  ]);

  const registerService = async (entry: CatalogueEndpoint): Promise<void> => {
    const { type, service: name, description } = entry;
    const sameType = foundServices.filter((service) => service.type === type);
    let id = (sameType.find((service) => service.name === name) ?? sameType[0])?.id;
    if (!id) {
      ({ id } = await services.create(session, { type, name, description }));
      changes.push(`created service ${name} (${type})`);
    }
    const serviceId = id;
    await Promise.all(
      urlsOf(entry).map(([kind, url]) =>
        registerEndpoint(session, {
          found: foundEndpoints.filter((endpoint) => endpoint.service_id === serviceId),
          serviceId,
          type,
          kind,
          url,
          region: wanted.region,
          changes,
        }),
      ),
    );
  };

  await allOf(wanted.endpoints.map(registerService));
}

/** Services inside the cloud use the internal side where they ask for `admin`. */
function urlsOf(entry: CatalogueEndpoint): [Endpoint['interface'], string][] {
  return [
    ['public', entry.publicUrl],
    ['internal', entry.internalUrl],
    ['admin', entry.internalUrl],
  ];
}

async function registerEndpoint(
  session: Session,
  wanted: {
    found: Endpoint[];
    serviceId: string;
    type: string;
    kind: Endpoint['interface'];
    url: string;
    region: string;
    changes: string[];
  },
): Promise<void> {
  const { serviceId, type, kind, url, region, changes } = wanted;
  const [existing, ...surplus] = wanted.found.filter(
    (endpoint) => endpoint.interface === kind && endpoint.region_id === region,
  );
  if (!existing) {
    await endpoints.create(session, { service_id: serviceId, interface: kind, region_id: region, url });
    changes.push(`created the ${kind} endpoint of ${type}`);
  } else if (existing.url !== url) {
    await endpoints.update(session, existing.id, { url });
    changes.push(`changed the ${kind} endpoint of ${type} to ${url}`);
  }
  for (const endpoint of surplus) {
    await endpoints.remove(session, endpoint.id);
    changes.push(`removed a second ${kind} endpoint of ${type}`);
  }
}
