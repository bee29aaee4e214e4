import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { KubeObject, Pod } from '../../engines/kubernetes/api/objects.ts';
import {
  appliedKinds,
  collectionPath,
  objectPath,
  servedVersion,
} from '../../engines/kubernetes/api/resources.ts';
import { Label } from '../../engines/kubernetes/names.ts';
import type { DesiredObject } from '../../engines/kubernetes/plan/bundle.ts';
import { makeEvent, makeLive, makeNode, makePods } from './simulated-objects.ts';

const groupVersions = ['v1', 'apps/v1', 'batch/v1', 'networking.k8s.io/v1', 'policy/v1'];
/** The kubelet repeats what it says of a pod under other names; they are kept for an hour. */
const EVENTS_PER_POD = 3;

/** What the cloud's objects have come to. */
export type Progress = 'absent' | 'coming up' | 'up';

export interface SimulatedCluster {
  port: number;
  /** From here on it holds these objects with their pods, and the database this ledger. */
  hold(objects: readonly DesiredObject[], ledger: Record<string, string>, progress: Progress): void;
  /** Number of its pods, and bytes of all that it would list. */
  size(): { pods: number; bytes: number };
  close(): Promise<void>;
}

/**
 * An API server of so many nodes, with a registry that has every image behind the same port. It knows what a plan
 * asks, and refuses all else. Lists are made beforehand: the time they take is that of reading them.
 */
export async function startSimulatedCluster(nodes: number, namespace: string): Promise<SimulatedCluster> {
  let state = hold(nodes, namespace, [], {}, 'absent');
  const server = createServer((request, response) => {
    answer(state, request, response).catch((thrown: unknown) => response.destroy(thrown as Error));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => runCommand(state, request, socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hold: (bundles, ledger, progress) => {
      state = hold(nodes, namespace, bundles, ledger, progress);
    },
    size: () => ({
      pods: [...state.pods.values()].flat().length,
      bytes: [...state.lists.values(), ...[...state.pods.values()].flat()].reduce(
        (sum, one) => sum + one.length,
        0,
      ),
    }),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** All as it is sent: answers cost this process next to nothing. */
interface State {
  facts: Record<string, object>;
  podsPath: string;
  /** By path. */
  lists: Map<string, Buffer>;
  objects: Map<string, KubeObject>;
  /** As JSON, by process. */
  pods: Map<string, string[]>;
  /** As the database prints it. */
  ledger: string;
}

function hold(
  nodes: number,
  namespace: string,
  objects: readonly DesiredObject[],
  ledger: Record<string, string>,
  progress: Progress,
): State {
  const isReady = ({ ref }: DesiredObject): boolean => ref.kind !== 'DaemonSet' || progress === 'up';
  const applied = progress === 'absent' ? [] : objects;
  const live = applied.map((object) => ({ object, live: makeLive(object, nodes, isReady(object)) }));
  const pods = applied.map((object) => ({ object, pods: makePods(object, nodes, isReady(object)) }));
  const path = (kind: string): string =>
    collectionPath(kind, servedVersion(kind, new Set(groupVersions)) ?? '', namespace);
  const events = pods
    .filter(({ object }) => !isReady(object))
    .flatMap((entry) => entry.pods.flatMap(eventsOf));
  return {
    facts: {
      '/version': { major: '1', minor: '33', gitVersion: 'v1.33.0' },
      '/api': { versions: ['v1'] },
      '/apis': { groups: groupVersions.slice(1).map((groupVersion) => ({ versions: [{ groupVersion }] })) },
    },
    podsPath: path('Pod'),
    lists: new Map([
      ['/api/v1/nodes', listOf(Array.from({ length: nodes }, (_, index) => makeNode(index)).map(toJson))],
      [`/api/v1/namespaces/${namespace}/events`, listOf(events.map(toJson))],
      ...appliedKinds().map((kind): [string, Buffer] => {
        const own = live.filter(({ object }) => object.ref.kind === kind);
        return [path(kind), listOf(own.map((entry) => toJson(entry.live)))];
      }),
    ]),
    objects: new Map(live.map((entry) => [objectPath(entry.object.ref), entry.live])),
    pods: new Map(
      pods
        .filter((entry) => entry.pods.length > 0)
        .map((entry) => [entry.pods[0]?.metadata.labels?.[Label.name] ?? '', entry.pods.map(toJson)]),
    ),
    ledger: Object.entries(ledger)
      .map(([name, hash]) => `${name}\t${hash}\n`)
      .join(''),
  };
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  if (pathname.startsWith('/v2/')) response.writeHead(200).end();
  else if (request.method === 'PATCH' && searchParams.get('dryRun') === 'All') {
    const present = state.objects.get(pathname);
    const wanted = JSON.parse(await text(request)) as KubeObject;
    const { uid, resourceVersion, managedFields } = present?.metadata ?? {};
    const metadata = { ...wanted.metadata, uid, resourceVersion, managedFields };
    reply(response, present ? 200 : 201, { ...wanted, metadata });
  } else if (request.method !== 'GET') reply(response, 501, { message: 'nothing can be changed here' });
  else if (isListed(state, pathname) && searchParams.get('labelSelector')?.includes('!='))
    send(response, 200, listOf([]));
  else if (pathname === state.podsPath) {
    const selector = searchParams.get('labelSelector') ?? '';
    const names = /name in \((.*)\)/.exec(selector)?.[1]?.split(',') ?? [...state.pods.keys()];
    send(response, 200, listOf(names.flatMap((name) => state.pods.get(name) ?? [])));
  } else if (state.lists.has(pathname)) send(response, 200, state.lists.get(pathname) ?? Buffer.of());
  else {
    const found = state.facts[pathname] ?? state.objects.get(pathname);
    const missing = /\/configz$|\/coredns$|\/secrets\/|\/namespaces\/[^/]+$/.test(pathname);
    if (found) reply(response, 200, found);
    else reply(response, missing ? 404 : 501, { message: `nothing is simulated for ${request.url}` });
  }
}

/** Nothing but the cloud is on the cluster: lists of what is not the cloud's are empty. */
function isListed({ podsPath, lists }: State, path: string): boolean {
  return path === podsPath || lists.has(path);
}

/** The one command that plans run reads the ledger. https://datatracker.ietf.org/doc/html/rfc6455 */
function runCommand({ ledger }: State, { headers, url = '' }: IncomingMessage, socket: Socket): void {
  socket.on('error', () => socket.destroy()).resume();
  if (!url.includes('/exec?')) return void socket.destroy();
  const key = createHash('sha1').update(
    `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
  );
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${key.digest('base64')}\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n`,
  );
  socket.write(frame(1, ledger));
  socket.end(frame(3, JSON.stringify({ status: 'Success' })));
}

/** One binary message of a channel, of less than 64 KiB. */
function frame(channel: number, content: string): Buffer {
  const payload = Buffer.concat([Buffer.of(channel), Buffer.from(content)]);
  return Buffer.concat([Buffer.of(0x82, 126, payload.length >> 8, payload.length & 255), payload]);
}

function eventsOf(pod: Pod): KubeObject[] {
  return Array.from({ length: EVENTS_PER_POD }, (_, count) => makeEvent(pod, count));
}

function toJson(object: KubeObject): string {
  return JSON.stringify(object);
}

function listOf(items: readonly string[]): Buffer {
  return Buffer.from(`{"kind":"List","metadata":{"resourceVersion":"1"},"items":[${items.join(',')}]}`);
}

function reply(response: ServerResponse, status: number, body: object): void {
  send(response, status, Buffer.from(JSON.stringify(body)));
}

function send(response: ServerResponse, status: number, body: Buffer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}
