import { describe, expect, it } from 'vitest';
import { ApiError } from './errors.ts';
import { type FakeAnswer, type Routes, startFakeApi } from './fake-api.ts';
import { adminLogin, fakeKeystone } from './fake-keystone.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

async function open(routes: Routes = {}, options: Partial<SessionOptions> = {}) {
  let base = '';
  const keystone = fakeKeystone(() => ({ image: `${base}/image`, compute: `${base}/compute/v2.1/` }));
  const api = await startFakeApi({ ...keystone.routes, ...routes });
  base = api.url;
  const session = await openSession({ ...adminLogin(api.url), ...options });
  return { session, api, keystone };
}

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}

/** Answers one after another; the last one is repeated. */
function inTurn(...answers: FakeAnswer[]): () => FakeAnswer {
  return () => (answers.length > 1 ? (answers.shift() as FakeAnswer) : (answers[0] as FakeAnswer));
}

async function getImages(session: Session) {
  return session.request<{ images: unknown[] }>('image', 'GET', '/images');
}

describe('openSession', () => {
  it('finds endpoints with and without a version in the catalogue', async () => {
    const { session, api } = await open({
      'GET /image/v2/images': () => ({ json: { images: [] } }),
      'GET /compute/v2.1/servers': () => ({ json: { servers: [] } }),
    });
    await getImages(session);
    await session.request('compute', 'GET', '/servers');
    expect(api.calls.slice(1)).toEqual(['GET /image/v2/images', 'GET /compute/v2.1/servers']);
  });

  it('takes the way that it is given to endpoints that it does not reach by name', async () => {
    const asked: number[] = [];
    const keystone = fakeKeystone(() => ({ image: 'http://glance:9292' }));
    const api = await startFakeApi({
      ...keystone.routes,
      'GET /v2/images': () => ({ json: { images: [] } }),
    });
    const { hostname, port } = new URL(api.url);
    const session = await openSession({
      authUrl: 'http://keystone:5000/v3',
      user: 'admin',
      password: 'admin-secret',
      project: 'admin',
      interface: 'public',
      region: 'RegionOne',
      route: async (wanted) => {
        asked.push(wanted);
        return { host: hostname, port: Number(port) };
      },
    });
    expect((await getImages(session)).body).toEqual({ images: [] });
    expect(asked).toEqual([5000, 9292]);
  });

  it('sends token and microversion', async () => {
    const { session } = await open({
      'GET /compute/v2.1/servers': ({ headers }) => ({
        json: [headers['x-auth-token'], headers['openstack-api-version']],
      }),
    });
    const { body } = await session.request('compute', 'GET', '/servers', { microversion: '2.90' });
    expect(body).toEqual(['token-of-admin', 'compute 2.90']);
  });

  it('says which services there are when one is missing', async () => {
    const { session } = await open();
    const error = await failureOf(session.request('dns', 'GET', '/zones'));
    expect(error.code).toBe('openstack.no-endpoint');
    expect(error.why).toBe('it has compute, image');
  });

  it('never shows the password, not even where Keystone quotes it', async () => {
    const error = await failureOf(open({}, { password: 'wrong-secret' }));
    expect(error.code).toBe('openstack.identity.401');
    expect(JSON.stringify({ ...error, message: error.message, why: error.why })).not.toContain(
      'wrong-secret',
    );
  });

  it("carries the API's message and request id, and blanks secrets", async () => {
    const { session } = await open({
      'POST /compute/v2.1/servers': () => ({
        status: 400,
        headers: { 'x-openstack-request-id': 'req-1' },
        json: { badRequest: { code: 400, message: 'Invalid input: sesame' } },
      }),
    });
    const error = await failureOf(
      session.request('compute', 'POST', '/servers?token=hidden', { json: {}, secrets: ['sesame'] }),
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(error.code).toBe('openstack.compute.400');
    expect(error.why).toBe('Invalid input: ***');
    expect(error.requestId).toBe('req-1');
    expect(error.message).not.toContain('hidden');
  });

  it('logs in once more when a token is refused, however many requests find out', async () => {
    let refused = 0;
    const { session, api } = await open({
      'GET /image/v2/images': () => (refused++ < 3 ? { status: 401, text: 'no' } : { json: { images: [] } }),
    });
    await Promise.all([getImages(session), getImages(session), getImages(session)]);
    expect(api.calls.filter((call) => call.endsWith('/auth/tokens'))).toHaveLength(2);
  });

  it('tries again on 503 and broken connections, within its time', async () => {
    const { session } = await open({
      'GET /image/v2/images': inTurn({ status: 503 }, { hangUp: true }, { json: { images: [1] } }),
    });
    expect((await getImages(session)).body.images).toEqual([1]);
  });

  it('does not repeat a request that may have been carried out', async () => {
    const { session, api } = await open({ 'POST /image/v2/images': inTurn({ hangUp: true }, { json: {} }) });
    const error = await failureOf(session.request('image', 'POST', '/images', { json: {} }));
    expect(error.code).toBe('openstack.unreachable');
    expect(api.calls.filter((call) => call === 'POST /image/v2/images')).toHaveLength(1);
  });

  it('gives up in time when nothing listens', async () => {
    const { session } = await open({}, { endpointOverride: { image: 'http://127.0.0.1:9' } });
    const error = await failureOf(session.request('image', 'GET', '/images', { retryMs: 300 }));
    expect(error.code).toBe('openstack.unreachable');
    expect(error.whose).toBe('environment');
  });

  it('ends a request that takes too long', async () => {
    const { session } = await open({ 'GET /image/v2/images': () => new Promise(() => {}) });
    const error = await failureOf(session.request('image', 'GET', '/images', { timeoutMs: 50 }));
    expect(error.code).toBe('openstack.timeout');
  });

  it('stops with the reason of its signal', async () => {
    const { session } = await open({ 'GET /image/v2/images': () => new Promise(() => {}) });
    const abort = new AbortController();
    const pending = getImages(session.withSignal(abort.signal));
    setTimeout(() => abort.abort(new Error('interrupted')), 20);
    await expect(pending).rejects.toThrow('interrupted');
  });
});
