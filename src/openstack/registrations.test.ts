import { describe, expect, it } from 'vitest';
import { startFakeApi } from './fake-api.ts';
import { type FakeKeystone, fakeKeystone } from './fake-keystone.ts';
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
    authUrl,
    user: 'admin',
    password: 'admin-secret',
    project: 'admin',
    interface: 'internal',
    region: 'RegionOne',
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
