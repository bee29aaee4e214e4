import { removeAt } from './resource.ts';
import type { Session } from './session.ts';

const service = 'placement';
/** From 1.28 on allocations have generations, and may be set to none. */
const microversion = '1.28';

interface Allocations {
  allocations: Record<string, { resources: Record<string, number> }>;
  project_id: string;
  user_id: string;
  consumer_generation: number | null;
}

/**
 * Removes the resource provider of this name and those below it, with what is still allocated there, such as to servers
 * whose build failed. For an administrator, where nothing can be on the host any more.
 */
export async function removeProvider(admin: Session, name: string): Promise<void> {
  const [root] = await listProviders(admin, { name });
  if (!root) return;
  const tree = await listProviders(admin, { in_tree: root });
  for (const provider of [...tree.filter((one) => one !== root), root]) {
    await release(admin, provider);
    await removeAt(admin, service, `/resource_providers/${provider}`, { microversion });
  }
}

async function listProviders(admin: Session, query: Record<string, string>): Promise<string[]> {
  const { body } = await admin.request<{ resource_providers: { uuid: string }[] }>(
    service,
    'GET',
    '/resource_providers',
    { microversion, query },
  );
  return body.resource_providers.map(({ uuid }) => uuid);
}

/** Takes what is allocated of a provider back; what its consumers have elsewhere stays. */
async function release(admin: Session, provider: string): Promise<void> {
  const path = `/resource_providers/${provider}/allocations`;
  const { body } = await admin.request<Pick<Allocations, 'allocations'>>(service, 'GET', path, {
    microversion,
  });
  for (const consumer of Object.keys(body.allocations)) {
    const { body: held } = await admin.request<Allocations>(service, 'GET', `/allocations/${consumer}`, {
      microversion,
    });
    if (!(provider in held.allocations)) continue;
    const elsewhere = Object.entries(held.allocations).filter(([uuid]) => uuid !== provider);
    const allocations = Object.fromEntries(elsewhere.map(([uuid, { resources }]) => [uuid, { resources }]));
    await admin.request(service, 'PUT', `/allocations/${consumer}`, {
      microversion,
      json: { ...held, allocations },
    });
  }
}
