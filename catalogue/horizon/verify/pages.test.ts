import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Pages } from './pages.ts';

interface Seen {
  method: string | undefined;
  cookie: string | undefined;
  origin: string | undefined;
  body: string;
}

let server: Server;
let connections: Agent;
let seen: Seen;
let pages: Pages;
/** What the server does, by path. */
const answers: Record<string, (response: ServerResponse) => void> = {
  '/': (response) =>
    response.writeHead(302, { location: '/login', 'set-cookie': 'csrftoken=one; Path=/; Secure' }).end(),
  '/login': (response) => response.end('log in'),
  '/open': (response) => response.writeHead(200, { 'set-cookie': 'my-session=two; Path=/' }).end(),
  '/out': (response) =>
    response
      .writeHead(302, { location: '/login', 'set-cookie': 'csrftoken=""; Max-Age=0; Path=/; SameSite=Lax' })
      .end(),
  '/away': (response) => response.writeHead(302, { location: 'https://elsewhere.example.org/' }).end(),
  '/round': (response) => response.writeHead(302, { location: '/round' }).end(),
  '/broken': (response) => response.writeHead(500).end(),
};

beforeEach(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, headers } = request;
    seen = { method, cookie: headers.cookie, origin: headers.origin, body };
    answers[request.url ?? '']?.(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  connections = new Agent();
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  pages = new Pages({ connections, signal: new AbortController().signal }, root);
});
afterEach(async () => {
  await connections.destroy();
  server.close();
});

test('go where they are sent, and keep the cookies that they are given', async () => {
  const { url, html } = await pages.open('/');
  expect(new URL(url).pathname).toBe('/login');
  expect(html).toBe('log in');
  expect(seen).toMatchObject({ method: 'GET', cookie: 'csrftoken=one' });
});

test('forget the cookies that they are to forget', async () => {
  await pages.open('/');
  await pages.open('/out');
  expect(seen.cookie).toBe('');
});

test('send what is written into a form, as from the same place', async () => {
  await pages.open('/login', { username: 'a b', password: '&' });
  expect(seen).toMatchObject({ method: 'POST', body: 'username=a+b&password=%26' });
  expect(seen.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each([
  ['/open', 'the cookie my-session may be sent without TLS'],
  ['/away', 'it sends browsers to https://elsewhere.example.org'],
  ['/round', 'sends browsers around in a circle'],
  ['/broken', 'answered 500'],
])('at %s tell that %s', async (path, why) => {
  await expect(pages.open(path)).rejects.toMatchObject({
    code: 'verify.dashboard',
    why: expect.stringContaining(why),
  });
});
