import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeApi, type FakeRequest, type Routes, startFakeApi } from '../openstack/fake-api.ts';
import { openSession } from '../openstack/session.ts';
import { type Cloud, openCloud } from './cloud.ts';
import { inOneLine } from './problem.ts';

const never = new AbortController().signal;
let api: FakeApi;
let cloud: Cloud;
let logins: unknown[];
let asked: FakeRequest[];

const note =
  (answer: object, status = 200) =>
  (request: FakeRequest) => {
    asked.push(request);
    return { status, json: answer };
  };

async function start(routes: Routes): Promise<void> {
  let base = '';
  api = await startFakeApi({
    'POST /v3/auth/tokens': ({ body }) => {
      logins.push(body);
      const endpoints = (url: string) => [{ interface: 'public', region: 'RegionOne', url }];
      return {
        status: 201,
        headers: { 'x-subject-token': 'a-token' },
        json: {
          token: {
            expires_at: '2100-01-01T00:00:00.000000Z',
            user: { id: 'user' },
            project: { id: 'project' },
            catalog: ['compute', 'block-storage'].map((type) => ({
              type,
              name: type,
              endpoints: endpoints(`${base}/${type}`),
            })),
          },
        },
      };
    },
    ...routes,
  });
  base = api.url;
  cloud = openCloud(() =>
    openSession({
      authUrl: `${api.url}/v3`,
      user: 'application credential an-id',
      applicationCredential: 'an-id',
      password: 'very-secret',
      interface: 'public',
      region: 'RegionOne',
    }),
  );
}

beforeEach(() => {
  logins = [];
  asked = [];
});
afterEach(() => expect(logins.length).toBeLessThanOrEqual(2));

describe('what is asked of the cloud', () => {
  it('is asked with an application credential, which has a project of its own', async () => {
    await start({ 'GET /block-storage/volumes/*': note({ volume: { id: 'a' } }) });
    await cloud.volume('a', never);
    await cloud.volume('a', never);
    expect(logins).toEqual([
      {
        auth: {
          identity: {
            methods: ['application_credential'],
            application_credential: { id: 'an-id', secret: 'very-secret' },
          },
        },
      },
    ]);
    expect(asked[0]?.headers['x-auth-token']).toBe('a-token');
  });

  it('is asked again where the login failed, which tells no secret', async () => {
    let refused = true;
    await start({
      'POST /v3/auth/tokens': ({ body }) => {
        logins.push(body);
        return refused
          ? { status: 401, json: { error: { message: 'no credential very-secret' } } }
          : {
              status: 201,
              json: { token: { expires_at: '2100-01-01T00:00:00Z', user: { id: 'u' }, catalog: [] } },
            };
      },
    });
    const said = await cloud.volume('a', never).then(String, inOneLine);
    expect(said).toContain('logging in as application credential an-id');
    expect(said).not.toContain('very-secret');
    refused = false;
    expect(await cloud.volume('a', never).then(String, inOneLine)).toContain(
      'the catalogue has no public endpoint',
    );
  });

  it('are volumes by their exact name', async () => {
    const volumes = [
      { id: '1', name: 'db' },
      { id: '2', name: 'db2' },
    ];
    await start({ 'GET /block-storage/volumes/detail': note({ volumes }) });
    expect(await cloud.volumes(never, 'db')).toEqual([volumes[0]]);
    expect(asked[0]?.query.get('name')).toBe('db');
    expect(await cloud.volumes(never)).toEqual(volumes);
  });

  it('are sources by name or id, where there is one', async () => {
    const snapshots = [
      { id: '1', name: 'one' },
      { id: '2', name: 'two' },
      { id: '3', name: 'two' },
    ];
    await start({
      'GET /block-storage/snapshots/detail': note({ snapshots }),
      'GET /block-storage/snapshots/*': (_, id) =>
        id === '3' ? { json: { snapshot: { id } } } : { status: 404, json: { message: 'none' } },
    });
    expect(await cloud.sourceId('snapshot', 'one', never)).toBe('1');
    expect(await cloud.sourceId('snapshot', '3', never)).toBe('3');
    const said = (name: string) => cloud.sourceId('snapshot', name, never).then(String, inOneLine);
    expect(await said('two')).toBe('there are 2 snapshots "two": 2, 3: Give the id.');
    expect(await said('four')).toBe('there is no snapshot "four"');
  });

  it('is that Nova attaches and detaches', async () => {
    await start({
      'POST /compute/v2.1/servers/*/os-volume_attachments': note({ volumeAttachment: {} }),
      'DELETE /compute/v2.1/servers/*/os-volume_attachments/*': note({}, 404),
      'GET /compute/v2.1/servers/*': note({}, 404),
    });
    await cloud.attach('web', 'a', never);
    expect(asked[0]?.body).toEqual({ volumeAttachment: { volumeId: 'a' } });
    expect(asked[0]?.headers['openstack-api-version']).toBe('compute 2.90');
    await cloud.detach('web', 'a', never);
    expect(await cloud.server('web', never)).toBeUndefined();
  });
});
