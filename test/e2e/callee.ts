import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What is called by a URL, with JSON. */
export interface Callee {
  url: string;
  /** What it was told, in the order that it came. */
  told: Record<string, unknown>[];
  close(): Promise<void>;
}

/** Listens at an address of this machine. */
export async function openCallee(address: string): Promise<Callee> {
  const told: Record<string, unknown>[] = [];
  const server = createServer(async (incoming, answer) => {
    told.push((await json(incoming)) as Record<string, unknown>);
    answer.end();
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}/`,
    told,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
