import { describe, expect, it } from 'vitest';
import { startFakeApi } from './fake-api.ts';
import { adminLogin, type FakeKeystone, fakeKeystone } from './fake-keystone.ts';
import { type Registrations, registerInKeystone } from './registrations.ts';
import { openSession } from './session.ts';

const wanted: Registrations = {
  accounts: [
    { user: 'glance', secret: 'glance-keystone', roles: ['service'] },
    { user: 'nova', secret: 'nova-keystone', roles: ['service', 'admin'] },
  ],
  endpoints: [
    {
      service: 'glance',
      type: 'image',
      description: 'OpenStack Image',
      publicUrl: 'https://cloud:9292',
      internalUrl: 'http://glance:9292',
    },
  ],
  region: 'RegionOne',
  passwords: (name) => `secret of ${name}`,
};

async function register(keystone: FakeKeystone, what = wanted) {
  const api = await startFakeApi(keystone.routes);
  const authUrl = `${api.url}/v3`;
  const session = await openSession({
    ...adminLogin(api.url),
    interface: 'internal',
    endpointOverride: { identity: authUrl },
  });
  const changes = await registerInKeystone(session, what);
  await session.close();
  return { changes: changes.toSorted(), calls: api.calls };
}

describe('registerInKeystone', () => {
  it('makes project, users, roles, services and endpoints in a fresh Keystone', async () => {
    const keystone = fakeKeystone();
    const { changes } = await register(keystone);
    expect(changes).toEqual([
      'created project service',
      'created service glance (image)',
      'created the admin endpoint of image',
      'created the internal endpoint of image',
      'created the public endpoint of image',
      'created user glance',
      'created user nova',
      'gave user glance the role service',
      'gave user nova the role admin',
      'gave user nova the role service',
    ]);
    expect(keystone.passwords.get('nova')).toBe('secret of nova-keystone');
  });

  it('changes nothing the second time', async () => {
    const keystone = fakeKeystone();
    await register(keystone);
    const { changes, calls } = await register(keystone);
    expect(changes).toEqual([]);
    expect(calls.filter((call) => /^(PUT|PATCH|DELETE|POST (?!.*tokens))/.test(call))).toEqual([]);
  });

  it('finishes what an interrupted run began', async () => {
    const keystone = fakeKeystone();
    await register(keystone, { ...wanted, accounts: wanted.accounts.slice(0, 1), endpoints: [] });
    const { changes } = await register(keystone);
    expect(changes).not.toContain('created user glance');
    expect(changes).toContain('created user nova');
  });

  it('makes roles that users may be given, and gives those to the administrator that it is to have', async () => {
    const keystone = fakeKeystone();
    const roles = [{ name: 'seller' }, { name: 'reseller', administrator: true }];
    const changes = [
      'created role reseller',
      'created role seller',
      'gave the administrator the role reseller',
    ];
    const more = { ...wanted, accounts: [], endpoints: [], roles };
    expect((await register(keystone, more)).changes).toEqual(changes);
    expect((await register(keystone, more)).changes).toEqual([]);
  });

  it('sets a password only where it is another one', async () => {
    const keystone = fakeKeystone();
    await register(keystone);
    keystone.passwords.set('nova', 'older');
    expect((await register(keystone)).changes).toEqual(['set the password of user nova']);
  });

  it('makes the login that an account uses, and removes one that is valid no more', async () => {
    const keystone = fakeKeystone();
    await register(keystone);
    const nova = { user: 'nova', secret: 'nova-keystone', roles: ['service'] };
    const both = [
      { ...nova, login: 'nova-b' },
      { ...nova, secret: 'nova-keystone.other' },
    ];
    keystone.passwords.set('nova', 'secret of nova-keystone.other');
    expect((await register(keystone, { ...wanted, accounts: both })).changes).toEqual([
      'created user nova-b',
      'gave user nova-b the role service',
    ]);
    const after = { ...wanted, accounts: both.slice(0, 1), retired: ['nova', 'never-there'] };
    expect((await register(keystone, after)).changes).toEqual(['removed user nova']);
    expect(keystone.items.user.map(({ name }) => name)).toEqual(expect.not.arrayContaining(['nova']));
  });

  describe('with domains', () => {
    const heat: Registrations['accounts'][number] = {
      user: 'heat_domain_admin',
      secret: 'heat-domain',
      domain: 'heat',
      roles: [],
      assignments: [{ roles: ['admin'], scope: { domain: 'heat' } }],
    };
    const ironic: Registrations['accounts'][number] = {
      user: 'ironic',
      secret: 'ironic-keystone',
      roles: ['service'],
      assignments: [
        { roles: ['reader'], scope: 'system' },
        { roles: ['member'], scope: { project: 'baremetal', domain: 'heat' } },
        { roles: ['member'], scope: { project: 'machines' } },
      ],
    };
    const both = { ...wanted, accounts: [heat, ironic], endpoints: [] };

    it('makes domains and projects, and gives roles on them and on the system', async () => {
      const keystone = fakeKeystone();
      const { changes } = await register(keystone, both);
      expect(changes).toEqual([
        'created domain heat',
        'created project baremetal',
        'created project machines',
        'created project service',
        'created user heat_domain_admin',
        'created user ironic',
        'gave user heat_domain_admin the role admin in domain heat',
        'gave user ironic the role member in project baremetal',
        'gave user ironic the role member in project machines',
        'gave user ironic the role reader on the system',
        'gave user ironic the role service',
      ]);
      const idOf = (kind: 'domain' | 'user' | 'project', name: string) =>
        keystone.items[kind].find((item) => item.name === name)?.id;
      const domain = idOf('domain', 'heat');
      expect(keystone.items.user.find(({ name }) => name === heat.user)).toMatchObject({ domain_id: domain });
      expect(keystone.items.project.find(({ name }) => name === 'baremetal')).toMatchObject({
        domain_id: domain,
      });
      expect(keystone.passwords.get(`${domain}/heat_domain_admin`)).toBe('secret of heat-domain');
      expect([...keystone.assignments]).toEqual(
        expect.arrayContaining([
          `domains/${domain} ${idOf('user', heat.user)} role-admin`,
          `system ${idOf('user', 'ironic')} role-reader`,
          `projects/${idOf('project', 'baremetal')} ${idOf('user', 'ironic')} role-member`,
        ]),
      );
    });

    it('changes nothing the second time, and asks for each thing once', async () => {
      const keystone = fakeKeystone();
      await register(keystone, both);
      const { changes, calls } = await register(keystone, both);
      expect(changes).toEqual([]);
      const reads = calls.filter((call) => call.startsWith('GET'));
      // Two domains have users, three projects are looked up by name.
      expect(reads.filter((call) => call === 'GET /v3/domains')).toHaveLength(1);
      expect(reads.filter((call) => call === 'GET /v3/users')).toHaveLength(2);
      expect(reads.filter((call) => call === 'GET /v3/projects')).toHaveLength(3);
      expect(reads.filter((call) => call === 'GET /v3/roles')).toHaveLength(1);
    });

    it('does not ask for domains where no account is in one', async () => {
      const keystone = fakeKeystone();
      const { calls } = await register(keystone);
      expect(calls).not.toContain('GET /v3/domains');
    });

    it('removes a login of the domain alone', async () => {
      const keystone = fakeKeystone();
      const twin = { user: heat.user, secret: 'twin', roles: ['service'] };
      await register(keystone, { ...both, accounts: [heat, twin] });
      const next = { ...heat, login: 'heat_domain_admin-b' };
      const retired = [{ user: heat.user, domain: 'heat' }];
      const { changes } = await register(keystone, { ...both, accounts: [next, twin], retired });
      expect(changes).toEqual([
        'created user heat_domain_admin-b',
        'gave user heat_domain_admin-b the role admin in domain heat',
        'removed user heat_domain_admin',
      ]);
      expect(keystone.items.user.filter(({ name }) => name === heat.user)).toMatchObject([
        { domain_id: 'default' },
      ]);
    });
  });

  it('updates a changed address and removes doubles, but leaves other regions alone', async () => {
    const keystone = fakeKeystone();
    await register(keystone);
    const [first] = keystone.items.endpoint.filter((endpoint) => endpoint.interface === 'public');
    keystone.items.endpoint.push(
      { ...first, id: 'double' },
      { ...first, id: 'other', region_id: 'Elsewhere' },
    );
    const [glance] = wanted.endpoints;
    if (!glance) throw new Error('unreachable');
    const moved = { ...wanted, endpoints: [{ ...glance, publicUrl: 'https://new:9292' }] };
    expect((await register(keystone, moved)).changes).toEqual([
      'changed the public endpoint of image to https://new:9292',
      'removed a second public endpoint of image',
    ]);
    expect(keystone.items.endpoint.map((endpoint) => endpoint.id)).toContain('other');
  });
});
