import type { FakeAnswer, FakeRequest, Routes } from './fake-api.ts';
import type { SessionOptions } from './session.ts';

type Item = Record<string, unknown> & { id: string };
type Kind = 'domain' | 'project' | 'role' | 'user' | 'service' | 'endpoint';

export interface FakeKeystone {
  routes: Routes;
  items: Record<Kind, Item[]>;
  /** `SCOPE user-id role-id`, where the scope is `projects/ID`, `domains/ID` or `system`. */
  assignments: Set<string>;
  /** Password by user name; of users in other domains than the default one, by `domain-id/name`. */
  passwords: Map<string, string>;
}

const CATALOGUE_REGION = 'RegionOne';
const DEFAULT_DOMAIN = 'default';

function loginOf({ name, domain_id: domain }: Record<string, unknown>): string {
  return domain === DEFAULT_DOMAIN ? String(name) : `${domain}/${name}`;
}

/**
 * The part of the Identity API v3 that Gantry calls, as Keystone is after its bootstrap. It checks tokens, names
 * already taken and queries it does not know. `catalogue` maps service types to URLs.
 */
export function fakeKeystone(catalogue: () => Record<string, string> = () => ({})): FakeKeystone {
  let count = 0;
  const newId = (kind: string): string => `${kind}-${++count}`;
  const items: FakeKeystone['items'] = {
    domain: [{ id: DEFAULT_DOMAIN, name: 'Default' }],
    project: [{ id: 'project-admin', name: 'admin', domain_id: 'default' }],
    role: ['admin', 'manager', 'member', 'reader', 'service'].map((name) => ({ id: `role-${name}`, name })),
    user: [{ id: 'user-admin', name: 'admin', domain_id: 'default' }],
    service: [{ id: 'service-keystone', name: 'keystone', type: 'identity' }],
    endpoint: [],
  };
  const assignments = new Set<string>();
  const passwords = new Map([['admin', 'admin-secret']]);

  const tokenRoute = (request: FakeRequest): FakeAnswer => {
    const { auth } = request.body as {
      auth: {
        identity: { password: { user: { name: string; password: string; domain: { name: string } } } };
        scope: 'unscoped' | { project?: { name: string } };
      };
    };
    const { name, password, domain } = auth.identity.password.user;
    const domainId = items.domain.find((one) => one.name === domain.name)?.id;
    if (domainId === undefined || passwords.get(loginOf({ name, domain_id: domainId })) !== password) {
      return {
        status: 401,
        headers: { 'x-openstack-request-id': 'req-login' },
        json: { error: { code: 401, title: 'Unauthorized', message: `The request for ${password} failed.` } },
      };
    }
    const project = auth.scope === 'unscoped' ? undefined : auth.scope.project;
    const token = {
      expires_at: '2100-01-01T00:00:00.000000Z',
      user: { id: items.user.find((user) => user.name === name && user.domain_id === domainId)?.id },
      project: project && { id: items.project.find((one) => one.name === project.name)?.id },
      catalog:
        project &&
        Object.entries(catalogue()).map(([type, url]) => ({
          type,
          name: type,
          endpoints: [{ interface: 'public', region: CATALOGUE_REGION, url }],
        })),
    };
    return { status: 201, headers: { 'x-subject-token': `token-of-${name}` }, json: { token } };
  };

  const routes: Routes = { 'POST /v3/auth/tokens': tokenRoute };
  const checked = (handler: Routes[string]): Routes[string] => {
    return (request, ...parts) =>
      String(request.headers['x-auth-token']).startsWith('token-of-')
        ? handler(request, ...parts)
        : { status: 401, json: { error: { message: 'no token' } } };
  };

  for (const kind of Object.keys(items) as Kind[]) {
    const known = items[kind];
    routes[`GET /v3/${kind}s`] = checked(({ query }) => ({
      json: {
        [`${kind}s`]: known.filter((item) => [...query].every(([key, value]) => item[key] === value)),
      },
    }));
    routes[`POST /v3/${kind}s`] = checked(({ body }) => {
      const values = (body as Record<Kind, Record<string, unknown>>)[kind];
      const isTaken = (item: Item) => item.name === values.name && item.domain_id === values.domain_id;
      if (kind !== 'service' && values.name && known.some(isTaken)) {
        return { status: 409, json: { error: { message: `Duplicate entry ${values.name}` } } };
      }
      if (kind === 'user') passwords.set(loginOf(values), values.password as string);
      const item = { ...values, id: newId(kind) };
      known.push(item);
      return { status: 201, json: { [kind]: item } };
    });
    routes[`PATCH /v3/${kind}s/*`] = checked(({ body }, id) => {
      const item = known.find((one) => one.id === id);
      if (!item) return { status: 404, json: { error: { message: `no ${kind} ${id}` } } };
      Object.assign(item, (body as Record<Kind, object>)[kind]);
      if (kind === 'user' && item.password) passwords.set(loginOf(item), item.password as string);
      return { json: { [kind]: item } };
    });
    routes[`DELETE /v3/${kind}s/*`] = checked((_, id) => {
      const index = known.findIndex((one) => one.id === id);
      if (index < 0) return { status: 404, json: { error: { message: `no ${kind} ${id}` } } };
      known.splice(index, 1);
      return { status: 204 };
    });
  }
  // The system is one: its path has no id.
  for (const [path, scopeOf] of [
    ['projects/*', ([id]: string[]) => `projects/${id}`],
    ['domains/*', ([id]: string[]) => `domains/${id}`],
    ['system', () => 'system'],
  ] as const) {
    routes[`GET /v3/${path}/users/*/roles`] = checked((_, ...parts) => {
      const held = `${scopeOf(parts)} ${parts.at(-1)}`;
      return { json: { roles: items.role.filter(({ id }) => assignments.has(`${held} ${id}`)) } };
    });
    routes[`PUT /v3/${path}/users/*/roles/*`] = checked((_, ...parts) => {
      assignments.add(`${scopeOf(parts)} ${parts.slice(-2).join(' ')}`);
      return { status: 204 };
    });
  }
  return { routes, items, assignments, passwords };
}

/** How the fake's administrator logs in. @param url that of the API that has its routes */
export function adminLogin(url: string): SessionOptions {
  return {
    authUrl: `${url}/v3`,
    user: 'admin',
    password: 'admin-secret',
    project: 'admin',
    interface: 'public',
    region: 'RegionOne',
  };
}
