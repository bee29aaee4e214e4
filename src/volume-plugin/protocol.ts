import { createServer, type IncomingMessage, type Server } from 'node:http';
import { timeLimit } from '../time-limit.ts';
import { inOneLine, refusal } from './problem.ts';

/**
 * Docker's protocol of volume plugins: https://docs.docker.com/engine/extend/plugins_volume/ and plugin_api.
 * As engines speak it: requests carry no Content-Type, options may be null, calls come at once. A call that was broken off
 * is sent again without a body, and an empty answer counts as success: so a body is demanded.
 */
export interface VolumeDriver {
  create(name: string, options: Record<string, string> | null, signal: AbortSignal): Promise<void>;
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Resolves to the path that containers are given. */
  mount(name: string, id: string, signal: AbortSignal): Promise<string>;
  unmount(name: string, id: string, signal: AbortSignal): Promise<void>;
  /** Where it is mounted; empty where it is not. */
  path(name: string): Promise<string>;
  /** Throws only where there is none of that name: Docker takes every error for that, and goes on without the volume. */
  get(name: string, signal: AbortSignal): Promise<ShownVolume>;
  list(signal: AbortSignal): Promise<ShownVolume[]>;
}

export interface ShownVolume {
  Name: string;
  Mountpoint: string;
  /** RFC 3339. */
  CreatedAt?: string;
  Status?: Record<string, unknown>;
}

/** Docker waits 120 s for an answer (moby, pkg/plugins/client.go), and tells the plugin nothing when it gives up. */
const LIMIT_MS = 110_000;
const MAX_BODY = 1_048_576;
const CONTENT_TYPE = 'application/vnd.docker.plugins.v1.2+json';

interface Body {
  Name?: unknown;
  ID?: unknown;
  Opts?: unknown;
}

type Call = (driver: VolumeDriver, body: Body, signal: AbortSignal) => Promise<object>;

const calls: Record<string, Call> = {
  '/Plugin.Activate': async () => ({ Implements: ['VolumeDriver'] }),
  '/VolumeDriver.Capabilities': async () => ({ Capabilities: { Scope: 'global' } }),
  '/VolumeDriver.Create': async (driver, body, signal) => {
    await driver.create(nameIn(body), optionsIn(body), signal);
    return {};
  },
  '/VolumeDriver.Remove': async (driver, body, signal) => {
    await driver.remove(nameIn(body), signal);
    return {};
  },
  '/VolumeDriver.Mount': async (driver, body, signal) => ({
    Mountpoint: await driver.mount(nameIn(body), idIn(body), signal),
  }),
  '/VolumeDriver.Unmount': async (driver, body, signal) => {
    await driver.unmount(nameIn(body), idIn(body), signal);
    return {};
  },
  '/VolumeDriver.Path': async (driver, body) => ({ Mountpoint: await driver.path(nameIn(body)) }),
  '/VolumeDriver.Get': async (driver, body, signal) => ({ Volume: await driver.get(nameIn(body), signal) }),
  '/VolumeDriver.List': async (driver, _, signal) => ({ Volumes: await driver.list(signal) }),
};

/** Calls that come without a body or an empty one. */
const bare = ['/Plugin.Activate', '/VolumeDriver.Capabilities', '/VolumeDriver.List'];

/**
 * Serves a driver; whoever calls listens. Each call ends within 110 s.
 * @param log is told of each call once it has ended, `problem` where it failed
 */
export function serve(
  driver: VolumeDriver,
  log: (call: { path: string; name: string; milliseconds: number; problem?: string }) => void,
): Server {
  return createServer((request, response) => {
    const started = performance.now();
    let name = '';
    const answer = async (): Promise<object> => {
      const path = request.url ?? '';
      const call = calls[path];
      const text = await readBody(request);
      if (!call) throw refusal('call', `there is no call ${path}`);
      const body = bare.includes(path) ? {} : parseBody(text);
      name = typeof body.Name === 'string' ? body.Name : '';
      return call(driver, body, timeLimit(LIMIT_MS));
    };
    const end = (content: object, problem?: string): void => {
      response.writeHead(200, { 'content-type': CONTENT_TYPE });
      response.end(JSON.stringify(content));
      const milliseconds = Math.round(performance.now() - started);
      log({ path: request.url ?? '', name, milliseconds, ...(problem === undefined ? {} : { problem }) });
    };
    answer().then(
      (content) => end({ ...content, Err: '' }),
      (thrown) => {
        const problem = inOneLine(thrown);
        end({ Err: problem }, problem);
      },
    );
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BODY) throw refusal('call', `the request is longer than ${MAX_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseBody(text: string): Body {
  if (text.trim() === '') {
    throw refusal(
      'call',
      'the request came without its content, as one that was broken off and sent again',
      'Try it again.',
    );
  }
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  } catch {
    // Said below, as what is JSON and no object.
  }
  throw refusal('call', 'the request is no object of JSON');
}

function nameIn({ Name }: Body): string {
  if (typeof Name === 'string' && Name !== '') return Name;
  throw refusal('name', 'the request has no name of a volume');
}

function idIn({ ID }: Body): string {
  if (typeof ID === 'string' && ID !== '') return ID;
  throw refusal('call', 'the request has no id of who mounts');
}

function optionsIn({ Opts }: Body): Record<string, string> | null {
  if (Opts === undefined || Opts === null) return null;
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (typeof Opts === 'object' && !Array.isArray(Opts) && Object.values(Opts).every(isText)) {
    return Opts as Record<string, string>;
  }
  throw refusal('option', 'the options of the request are not texts');
}
