import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Parsed where it is JSON, else the bytes. */
  body: unknown;
}

export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string | Buffer;
  /** Breaks the connection instead of answering. */
  hangUp?: boolean;
}

type Handler = (request: FakeRequest, ...parts: string[]) => FakeAnswer | Promise<FakeAnswer>;

/** `METHOD /path` to what answers it; `*` stands for one part of the path and is handed over. */
export type Routes = Record<string, Handler>;

export interface FakeApi {
  url: string;
  /** `METHOD /path` of all requests so far. */
  calls: string[];
}

const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An HTTP server on loopback that answers these routes and 501 to everything else. Ends with the test. */
export async function startFakeApi(routes: Routes): Promise<FakeApi> {
  const calls: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const method = incoming.method ?? 'GET';
    calls.push(`${method} ${url.pathname}`);
    const bytes = Buffer.concat(await incoming.toArray());
    const isJson = incoming.headers['content-type'] === 'application/json';
    const request: FakeRequest = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: isJson ? JSON.parse(bytes.toString()) : bytes,
    };
    const answer = await answerOf(routes, request);
    if (answer.hangUp) {
      incoming.socket.destroy();
      return;
    }
    const text = answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json);
    outgoing.writeHead(answer.status ?? 200, {
      ...(answer.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...answer.headers,
    });
    outgoing.end(text);
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

async function answerOf(routes: Routes, request: FakeRequest): Promise<FakeAnswer> {
  for (const [route, handler] of Object.entries(routes)) {
    const pattern = new RegExp(`^${route.replaceAll('*', '([^/]+)')}$`);
    const match = pattern.exec(`${request.method} ${request.path}`);
    if (match) return handler(request, ...match.slice(1));
  }
  return { status: 501, text: `the fake does not know ${request.method} ${request.path}` };
}
