import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { Connection } from '../../../src/engine/engine.ts';
import { GantryError } from '../../../src/errors.ts';
import type { ClusterApi, Socket } from '../api/client.ts';
import { clusterFailure } from '../api/failure.ts';
import type { Pod } from '../api/objects.ts';
import type { CloudScope } from '../observe/live.ts';
import { sendHeldBack } from './backpressure.ts';
import { findRunning } from './find.ts';

/** Channels of one forwarded port; each starts with a message of two bytes, the port. */
const Channel = { data: 0, error: 1 } as const;

/**
 * A port on this machine's loopback whose connections reach the port of a running pod of the process. It is
 * `localPort` where that is free.
 */
export async function connectTo(
  api: ClusterApi,
  scope: Pick<CloudScope, 'cloud' | 'namespace'>,
  process: string,
  port: number,
  localPort = 0,
): Promise<Connection> {
  const { pod } = await findRunning(api, scope, process).catch((thrown) => {
    throw clusterFailure(`${process} could not be reached`, thrown);
  });
  const open = new Set<TcpSocket>();
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    forward(api, pod, port, client).catch(() => client.destroy());
  });
  await listen(server, localPort).catch((thrown) => {
    if (localPort === 0) throw thrown;
    return listen(server, 0);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new GantryError({ code: 'connect.no-port', whose: 'bug', message: 'no local port was opened' });
  }
  return {
    host: '127.0.0.1',
    port: address.port,
    close: async () => {
      for (const client of open) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
}

async function forward(api: ClusterApi, { metadata }: Pod, port: number, client: TcpSocket): Promise<void> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/portforward?ports=${port}`;
  const begun = new Set<number>();
  const connection: { socket?: Socket } = {};
  const socket = await api.openSocket(path, {
    onData(channel, data) {
      if (!begun.has(channel)) {
        begun.add(channel);
        return;
      }
      if (channel === Channel.error) client.destroy(new Error(data.toString('utf8')));
      else if (channel === Channel.data && !client.write(data)) {
        connection.socket?.pause();
        client.once('drain', () => connection.socket?.resume());
      }
    },
    onClose: () => client.end(),
  });
  connection.socket = socket;
  client.on('data', sendHeldBack(socket, Channel.data, client));
  client.once('close', () => socket.close());
  client.resume();
}
