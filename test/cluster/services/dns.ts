import { createSocket, type Socket } from 'node:dgram';
import { type Socket as Connection, createConnection, createServer } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_AVAILABLE } from 'dns-packet';
import { answer, type Cluster } from './zone.ts';

const NXDOMAIN = 3;
const TRUNCATED = 1 << 9;
/** What fits into a datagram of a client that says nothing of more (RFC 1035). */
const smallest = 512;
const forwardLimitMs = 4000;

export interface ServerOptions {
  address: string;
  /** Address of the server that is asked for all names outside of the cluster. */
  upstream: string;
  /** Whether the cluster's names are known: until then questions about them are left unanswered. */
  isComplete(): boolean;
  onError(error: Error): void;
}

/** Serves the names of the cluster over UDP and TCP at port 53, and passes on the questions for others. */
export function serveNames(cluster: Cluster, options: ServerOptions): void {
  const { address, upstream, isComplete, onError } = options;
  const datagrams = createSocket('udp4');
  datagrams.on('error', onError);
  datagrams.on('message', (query, from) => {
    const reply = (message: Buffer): void => datagrams.send(message, from.port, from.address);
    const local = answerQuery(cluster, query, false);
    if (local && isComplete()) reply(local);
    else if (local === undefined) forwardDatagram(query, upstream, reply);
  });
  datagrams.bind(53, address);

  const connections = createServer((client) => {
    client.on('error', () => client.destroy());
    client.setTimeout(30_000, () => client.destroy());
    onMessages(client, (query) => {
      const local = answerQuery(cluster, query, true);
      if (local && isComplete()) client.write(framed(local));
      else if (local === undefined) forwardConnection(query, upstream, client);
    });
  });
  connections.on('error', onError);
  connections.listen(53, address);
}

/** The reply to a query about the cluster; undefined for a query about others, null for what is none. */
function answerQuery(cluster: Cluster, query: Buffer, large: boolean): Buffer | undefined | null {
  let packet: Packet;
  try {
    packet = decode(query);
  } catch {
    return null;
  }
  const [question] = packet.questions ?? [];
  if (packet.type !== 'query' || !question) return null;
  const reply = answer(cluster, question.type, question.name);
  if (!reply) return undefined;
  const asked = packet.additionals?.find((record) => record.type === 'OPT');
  const room = large ? 65_535 : Math.max(smallest, asked?.type === 'OPT' ? asked.udpPayloadSize : 0);
  const base = {
    type: 'response' as const,
    id: packet.id ?? 0,
    flags: (packet.flags ?? 0) | AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (reply.known ? 0 : NXDOMAIN),
    questions: [question],
    additionals: asked ? [{ ...asked, udpPayloadSize: 1232, options: [] }] : [],
  };
  // Without its authority a resolver takes an empty answer for a failure of the server.
  const authorities = reply.answers.length > 0 ? [] : [authority(cluster)];
  const message = encode({ ...base, answers: reply.answers, authorities });
  if (message.length <= room) return message;
  return encode({ ...base, flags: base.flags | TRUNCATED, answers: [], authorities: [] });
}

function authority({ domain, ttl }: Cluster) {
  return {
    type: 'SOA' as const,
    name: domain,
    ttl,
    data: {
      mname: `ns.dns.${domain}`,
      rname: `hostmaster.${domain}`,
      serial: 1,
      refresh: 60,
      retry: 10,
      expire: 600,
      minimum: ttl,
    },
  };
}

function forwardDatagram(query: Buffer, upstream: string, reply: (message: Buffer) => void): void {
  const socket: Socket = createSocket('udp4');
  const timer = setTimeout(() => socket.close(), forwardLimitMs);
  const finish = (): void => {
    clearTimeout(timer);
    socket.close();
  };
  socket.on('error', finish);
  socket.on('message', (message) => {
    reply(message);
    finish();
  });
  socket.send(query, 53, upstream);
}

function forwardConnection(query: Buffer, upstream: string, client: Connection): void {
  const server = createConnection(53, upstream);
  server.setTimeout(forwardLimitMs, () => server.destroy());
  server.on('error', () => client.destroy());
  server.write(framed(query));
  onMessages(server, (message) => {
    client.write(framed(message));
    server.end();
  });
}

/** Over TCP every message follows its length in two bytes (RFC 1035, 4.2.2). */
function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

function onMessages(connection: Connection, receive: (message: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  connection.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE()) {
      const end = 2 + pending.readUInt16BE();
      receive(pending.subarray(2, end));
      pending = pending.subarray(end);
    }
  });
}
