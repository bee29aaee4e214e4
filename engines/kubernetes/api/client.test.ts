import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { GantryError } from '../../../src/errors.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import { compareObject } from '../observe/compare.ts';
import type { Live } from '../observe/live.ts';
import { checkRights, lookFailure, neededRights } from '../preflight/rights.ts';
import { type ClusterApi, createClusterApi } from './client.ts';
import type { ApiFailure } from './failure.ts';
import { importConfig } from './library.ts';
import type { ApiWarning } from './warnings.ts';

const { KubeConfig } = await importConfig();

type Answer = (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

let server: Server | undefined;
let api: ClusterApi | undefined;
let warnings: ApiWarning[] = [];
afterEach(async () => {
  api?.close();
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
});

/** An API server that answers so. */
async function serve(answer: Answer): Promise<ClusterApi> {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    answer(Object.assign(request, { body }), response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return connect((server.address() as AddressInfo).port);
}

function connect(port: number): ClusterApi {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'u', token: 'token' },
  );
  warnings = [];
  api = createClusterApi(config, { onWarning: (warning) => warnings.push(warning) });
  return api;
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function failure<T extends Error>(promise: Promise<unknown>): Promise<T> {
  return promise.then(
    () => Promise.reject(new Error('did not fail')),
    (error: T) => error,
  );
}

describe('a call', () => {
  test('carries the credentials and its query', async () => {
    const cluster = await serve((request, response) =>
      reply(response, 200, { url: request.url, authorization: request.headers.authorization }),
    );
    expect(await cluster.request('GET', '/x', { query: { a: 1, none: undefined } })).toEqual({
      url: '/x?a=1',
      authorization: 'Bearer token',
    });
  });

  test('is made again where a server is just starting, unless it makes something', async () => {
    const seen: string[] = [];
    const cluster = await serve((request, response) => {
      seen.push(request.method ?? '');
      reply(response, seen.length === 1 ? 503 : 200, { kind: 'Status', message: 'starting' });
    });
    await cluster.request('GET', '/x');
    expect(seen).toEqual(['GET', 'GET']);
    seen.length = 0;
    const refused = await failure<ApiFailure>(cluster.request('POST', '/x', { body: {} }));
    expect([seen, refused.httpStatus]).toEqual([['POST'], 503]);
  });

  test('asks for credentials anew once', async () => {
    let calls = 0;
    const cluster = await serve((_request, response) => reply(response, ++calls === 1 ? 401 : 200, {}));
    await cluster.request('GET', '/x');
    expect(calls).toBe(2);
    calls = -10;
    const always = await serve((_request, response) => reply(response, 401, { message: 'Unauthorized' }));
    expect((await failure<ApiFailure>(always.request('GET', '/x'))).httpStatus).toBe(401);
  });

  test('that nothing answers is told with the context', async () => {
    await serve(() => {});
    const { port } = (server as Server).address() as AddressInfo;
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    server = undefined;
    const error = await failure<GantryError>(connect(port).request('GET', '/x'));
    expect(error).toMatchObject({ code: 'kubernetes.unreachable', why: 'nothing listens there' });
    expect(error.message).toContain('loaded-context');
  });

  test('tells what the server warns of, each of it and as it was written', async () => {
    const values = [
      '299 - "spec.externalIPs is deprecated"',
      '299 - "use \\"seccompProfile\\", not 299", 299 - "second"',
      '214 proxy.example "transformed"',
    ];
    const cluster = await serve((_request, response) => {
      response.setHeader('warning', values).end('{}');
    });
    await cluster.request('GET', '/x', { query: { a: 1 } });
    const request = 'GET /x';
    expect(warnings).toEqual([
      { text: 'spec.externalIPs is deprecated', request },
      { text: 'use "seccompProfile", not 299', request },
      { text: 'second', request },
    ]);
    await cluster.request('GET', '/x', { ignoreWarnings: true });
    expect(warnings).toHaveLength(3);
  });

  test('ends with an abort', async () => {
    const cluster = await serve(() => {});
    const error = await failure(cluster.request('GET', '/x', { signal: timeLimit(50) }));
    expect(error.name).toBe('TimeoutError');
  });
});

describe('an object', () => {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'c', name: 'app' };
  const wanted = { ref, manifest: { spec: { replicas: 2 } } };
  const object = (replicas: number) => ({ metadata: { name: 'app' }, spec: { replicas } });
  const live = (replicas: number): Live => ({
    objects: new Map([['Deployment/app', { ref, object: object(replicas) }]]),
  });
  const none: Live = { objects: new Map() };

  test('that would be made is absent, and so is one without its namespace', async () => {
    const making = await serve((_request, response) => reply(response, 201, object(2)));
    expect(await compareObject(making, wanted, none)).toEqual({ state: 'absent' });
    const missing = await serve((_request, response) =>
      reply(response, 404, { message: 'namespaces "c" not found' }),
    );
    expect(await compareObject(missing, wanted, none)).toEqual({ state: 'absent' });
  });

  test('is the same or changed as a dry run says, with claims of others', async () => {
    const urls: string[] = [];
    const cluster = await serve((request, response) => {
      urls.push(request.url ?? '');
      if (request.url?.includes('force=true')) return reply(response, 200, object(2));
      const cause = {
        reason: 'FieldManagerConflict',
        message: 'conflict with "hpa"',
        field: '.spec.replicas',
      };
      reply(response, 409, { reason: 'Conflict', details: { causes: [cause] } });
    });
    expect(await compareObject(cluster, wanted, live(2))).toEqual({ state: 'same' });
    expect(await compareObject(cluster, wanted, live(1))).toEqual({
      state: 'changed',
      fields: ['spec.replicas'],
      conflicts: [{ field: 'spec.replicas', owner: 'hpa' }],
    });
    expect(urls.every((url) => url.includes('dryRun=All') && url.includes('fieldManager=gantry'))).toBe(true);
  });

  test('that answers at addresses differs where it does not yet, which is named first', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', namespace: 'c', name: 'door' };
    const spec = { type: 'LoadBalancer', loadBalancerClass: 'gantry.org/nodes' };
    const door = { ref: service, manifest: { spec }, addresses: ['192.0.2.1'] };
    const metadata = { name: 'door' };
    const cluster = await serve((_request, response) => reply(response, 200, { metadata, spec }));
    const compare = (object: object) => {
      const objects = new Map([['Service/door', { ref: service, object: { metadata, ...object } }]]);
      return compareObject(cluster, door, { objects } as Live);
    };
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    expect(await compare({ spec, status })).toEqual({ state: 'same' });
    expect(await compare({ spec })).toMatchObject({ fields: ['status.loadBalancer.ingress'] });
    const external = { type: 'ClusterIP', externalIPs: ['192.0.2.1'] };
    expect(await compare({ spec: external })).toMatchObject({
      state: 'changed',
      fields: ['spec.externalIPs', 'status.loadBalancer.ingress', 'spec.type', 'spec.loadBalancerClass'],
    });
  });

  test('that cannot be changed in place says which field', async () => {
    const causes = [{ field: 'spec.selector', message: 'field is immutable' }];
    const cluster = await serve((_request, response) => reply(response, 422, { details: { causes } }));
    expect(await compareObject(cluster, wanted, live(1))).toEqual({
      state: 'immutable',
      fields: ['spec.selector'],
      conflicts: [],
    });
  });

  test('of sealed content is compared without it', async () => {
    const accepts: (string | undefined)[] = [];
    const cluster = await serve((request, response) => {
      accepts.push(request.headers.accept);
      reply(response, 200, { metadata: { name: 's' } });
    });
    const secret = { ...ref, apiVersion: 'v1', kind: 'Secret', name: 's' };
    const sealed = { ref: secret, manifest: { immutable: true, data: { a: 'eA==' } } };
    const present: Live = {
      objects: new Map([['Secret/s', { ref: secret, object: { metadata: { name: 's' } } }]]),
    };
    expect(await compareObject(cluster, sealed, present)).toEqual({ state: 'same' });
    expect(accepts).toEqual([expect.stringContaining('PartialObjectMetadata')]);
  });
});

describe('rights', () => {
  const answerTo = (allowed: (attributes: Record<string, string>) => boolean): Answer => {
    return (request, response) => {
      const { spec } = JSON.parse(request.body);
      reply(response, 201, { status: { allowed: allowed(spec.resourceAttributes) } });
    };
  };

  test('of an administrator take one question', async () => {
    let asked = 0;
    const cluster = await serve(answerTo(() => ++asked > 0));
    expect((await checkRights(cluster, neededRights(['Secret'], 'c', false))).level).toBe('ok');
    expect(asked).toBe(1);
  });

  test('that are missing are named all at once', async () => {
    const cluster = await serve(
      answerTo(({ resource, verb, subresource }) => {
        if (resource === '*' || resource === 'nodes') return false;
        return !(resource === 'secrets' && verb !== 'get') && subresource !== 'exec';
      }),
    );
    const finding = await checkRights(cluster, neededRights(['Secret', 'Deployment'], 'c', true));
    expect(finding.level).toBe('error');
    expect(finding.message).toBe(
      'these credentials may not: list, create, patch, delete secrets; get, create pods/exec; list, patch nodes (in the whole cluster)',
    );
  });

  test('are named all at once too where the first look is refused', async () => {
    const cluster = await serve((request, response) => {
      if (request.method === 'GET') return reply(response, 403, { message: 'nodes is forbidden' });
      answerTo(({ verb }) => verb === 'get')(request, response);
    });
    const refused = await failure(cluster.request('GET', '/api/v1/nodes'));
    const error = (await lookFailure(cluster, 'c', refused)) as GantryError;
    expect(error.code).toBe('kubernetes.rights');
    expect(error.message).toContain('list, create, patch, delete secrets; ');
    expect(error.message).toContain('list, patch nodes (in the whole cluster)');
  });

  test('are not to blame where they are all there', async () => {
    const cluster = await serve((request, response) => {
      if (request.method === 'GET') return reply(response, 403, { message: 'denied by a webhook' });
      answerTo(() => true)(request, response);
    });
    const refused = await failure(cluster.request('GET', '/api/v1/nodes'));
    expect(await lookFailure(cluster, 'c', refused)).toMatchObject({
      code: 'kubernetes.forbidden',
      why: 'denied by a webhook (GET /api/v1/nodes)',
    });
  });
});
