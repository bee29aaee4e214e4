import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { GantryError } from '../errors.ts';
import { findPublished } from './published.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
});

/** A registry that speaks plain HTTP, with these images; with a password it wants a token for each repository. */
async function serve(images: string[], password?: string): Promise<string> {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const host = `127.0.0.1:${((server as Server).address() as AddressInfo).port}`;
    if (url.pathname === '/token') {
      const basic = `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
      const granted = request.headers.authorization === basic;
      return void response
        .writeHead(granted ? 200 : 401)
        .end(JSON.stringify({ token: url.searchParams.get('scope') }));
    }
    const [, repository, tag] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? [];
    if (!repository) return void response.writeHead(password ? 401 : 200).end();
    if (password && request.headers.authorization !== `Bearer repository:${repository}:pull`) {
      const challenge = `Bearer realm="http://${host}/token",service="registry"`;
      return void response.writeHead(401, { 'www-authenticate': challenge }).end();
    }
    response.writeHead(images.includes(`${repository}:${tag}`) ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const references = ['gantry/nova:1', 'gantry/nova:2'];

test('a registry is asked which images it has, also below a path', async () => {
  const registry = await serve(['cloud/gantry/nova:2']);
  const found = await findPublished(references, { registry: `${registry}/cloud`, account: undefined });
  expect(found).toEqual(['gantry/nova:2']);
});

test('a registry that is known to speak plain HTTP is asked nothing else', async () => {
  const registry = await serve(['gantry/nova:2']);
  const connections: unknown[] = [];
  server?.on('clientError', (error) => connections.push(error));
  const options = { registry: `http://${registry}`, account: undefined };
  expect(await findPublished(references, options)).toEqual(['gantry/nova:2']);
  expect(connections).toEqual([]);
});

test('a registry that asks for an account gets it in exchange for a token', async () => {
  const registry = await serve(['gantry/nova:1'], 'right');
  const account = { username: 'user', password: 'right' };
  expect(await findPublished(references, { registry, account })).toEqual(['gantry/nova:1']);
  const refused = findPublished(references, { registry, account: { ...account, password: 'wrong' } });
  await expect(refused).rejects.toMatchObject({ code: 'registry.refused' });
});

test('a registry that does not answer is told so, with what must hold', async () => {
  const registry = await serve([]);
  await new Promise<void>((resolve) => server?.close(() => resolve()));
  server = undefined;
  const error: GantryError = await findPublished([], { registry, account: undefined }).then(
    () => Promise.reject(new Error('answered')),
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: 'registry.unreachable', whose: 'environment' });
  expect(error.next).toContain('by the same name');
});
