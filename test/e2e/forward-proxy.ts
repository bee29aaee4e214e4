import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy for HTTP. */
export interface ForwardProxy {
  url: string;
  /** What it was asked for, by URL. */
  asked: string[];
  close(): Promise<void>;
}

/**
 * Starts a proxy at an address of this machine, to which `from` is another name of `to`: a name that only the proxy
 * knows cannot be reached in any other way.
 */
export async function openForwardProxy(address: string, from: string, to: string): Promise<ForwardProxy> {
  const asked: string[] = [];
  const server = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? '');
    asked.push(url.href);
    if (url.hostname === from) url.hostname = to;
    const headers = { ...incoming.headers, host: url.host };
    const outgoing = request(url, { method: incoming.method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', (error) => answer.writeHead(502).end(error.message));
    incoming.pipe(outgoing);
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
