import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Agent, type Dispatcher, request } from 'undici';
import { parse } from 'yaml';
import { type Gantry, type Running, start, waitUntil } from './gantry.ts';

/** What came of asking all the time. */
export interface Asked {
  answers: number;
  failures: FailedRequest[];
  /** Requests made per second. */
  rate: number;
  /** Time of the slowest answer in seconds. */
  slowest: number;
}

export interface FailedRequest {
  /** When it was made. */
  at: Date;
  /** What was asked, and what came of it. */
  what: string;
}

/** A line for all requests that failed the same way: how many, and when. */
export function describeFailures(failures: readonly FailedRequest[]): string {
  const alike = new Map<string, Date[]>();
  for (const { at, what } of failures) alike.set(what, [...(alike.get(what) ?? []), at]);
  const time = (at: Date | undefined) => at?.toISOString().slice(11);
  return [...alike].map(([what, at]) => `${at.length}x ${time(at[0])}-${time(at.at(-1))} ${what}`).join('\n');
}

export interface Asking {
  /** How many requests have come to an end. */
  ended(): number;
  /** Waits until that many requests have come to an end. */
  until(count: number): Promise<void>;
  stop(): Promise<Asked>;
}

interface CloudEntry {
  auth: Login;
  /** Path of the authority's certificate. */
  cacert: string;
}

/** What a user logs in to a project with. */
export interface Login {
  auth_url: string;
  username: string;
  password: string;
  project_name: string;
}

interface RequestParts {
  body?: Buffer | string;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  content: Buffer;
}

/** A user of the cloud's APIs who goes through the front door and trusts the cloud's own authority. */
export class ApiClient {
  private constructor(
    private readonly authority: string,
    private readonly token: string,
    /** Public URLs by type of the service. */
    private readonly endpoints: Map<string, string>,
  ) {}

  /** Logs in with what `gantry env` wrote, as its user or another. */
  static async open(gantry: Gantry, other: Partial<Login> = {}): Promise<ApiClient> {
    const { auth: own, cacert } = await readCloudEntry(gantry);
    const authority = await readFile(cacert, 'utf8');
    const auth = { ...own, ...other };
    const domain = { name: 'Default' };
    const response = await request(`${auth.auth_url}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: auth.username, password: auth.password, domain } },
          },
          scope: { project: { name: auth.project_name, domain } },
        },
      }),
      dispatcher: new Agent({ connect: { ca: authority } }),
    });
    const body = (await response.body.json()) as {
      token: { catalog: { type: string; endpoints: { interface: string; url: string }[] }[] };
    };
    const endpoints = body.token.catalog.map(({ type, endpoints: all }): [string, string] => [
      type,
      all.find((one) => one.interface === 'public')?.url ?? '',
    ]);
    return new ApiClient(authority, String(response.headers['x-subject-token']), new Map(endpoints));
  }

  /** Status of a GET with this client's token. */
  async status(type: string, path: string): Promise<number> {
    const { statusCode, body } = await this.get(type, path);
    await body.dump();
    return statusCode;
  }

  /** Serial number of the certificate that the front door shows a new connection. */
  async certificateSerial(): Promise<string> {
    const { hostname: host, port } = new URL(this.endpointOf('identity'));
    const socket = connect({ host, port: Number(port), ca: this.authority });
    try {
      await once(socket, 'secureConnect');
      return socket.getPeerCertificate().serialNumber;
    } finally {
      socket.destroy();
    }
  }

  /** SHA-256 of the bytes that Glance gives for the image of this name, in hexadecimal. */
  async imageDigest(name: string): Promise<string> {
    const list = await this.get('image', `/v2/images?name=${encodeURIComponent(name)}`);
    const { images } = (await list.body.json()) as { images: { id: string }[] };
    if (images.length !== 1) throw new Error(`${images.length} images are named ${name}`);
    const { statusCode, body } = await this.get('image', `/v2/images/${images[0]?.id}/file`);
    if (statusCode !== 200) throw new Error(`the bytes of ${name}: ${statusCode} ${await body.text()}`);
    const hash = createHash('sha256');
    for await (const chunk of body) hash.update(chunk);
    return hash.digest('hex');
  }

  /** Makes a resource; resolves to what the API says of it. */
  async make<T>(type: string, path: string, resource: object): Promise<T> {
    const { statusCode, body } = await this.send('POST', type, path, JSON.stringify(resource));
    if (statusCode >= 300) throw new Error(`POST ${path}: ${statusCode} ${await body.text()}`);
    return (await body.json()) as T;
  }

  /** What the compute API answers, whatever that is. */
  async askCompute<T>(
    path: string,
    microversion: string,
    body?: object,
  ): Promise<{ status: number; body: T }> {
    const answer = await request(`${this.endpointOf('compute')}${path}`, {
      method: body ? 'POST' : 'GET',
      dispatcher: new Agent({ connect: { ca: this.authority } }),
      headers: {
        'x-auth-token': this.token,
        'content-type': 'application/json',
        'openstack-api-version': `compute ${microversion}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: (await answer.body.json()) as T };
  }

  /** Status of a page, of which nothing but the cloud's certificate is known. */
  async pageStatus(url: string): Promise<number> {
    const dispatcher = new Agent({ connect: { ca: this.authority } });
    const { statusCode, body } = await request(url, { dispatcher });
    await body.dump();
    return statusCode;
  }

  /** HOST:PORT of each public endpoint. */
  publicHosts(): string[] {
    return [...new Set([...this.endpoints.values()].map((url) => new URL(url).host))];
  }

  /** What an API answers to any request, whatever that is. */
  async ask(
    method: Dispatcher.HttpMethod,
    type: string,
    path: string,
    parts: RequestParts = {},
  ): Promise<Answer> {
    return this.askAt(method, `${this.endpointOf(type)}${path}`, parts);
  }

  /** As `ask`, at any URL of the cloud. */
  async askAt(
    method: Dispatcher.HttpMethod,
    url: string,
    { headers = {}, ...more }: RequestParts = {},
  ): Promise<Answer> {
    return this.askWithoutToken(method, url, {
      headers: { 'x-auth-token': this.token, ...headers },
      ...more,
    });
  }

  /** As `askAt`, as somebody who has not logged in. */
  async askWithoutToken(
    method: Dispatcher.HttpMethod,
    url: string,
    { body, headers = {} }: RequestParts = {},
  ): Promise<Answer> {
    const answer = await request(url, {
      method,
      dispatcher: new Agent({ connect: { ca: this.authority } }),
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const content = Buffer.from(await answer.body.arrayBuffer());
    const given = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return { status: answer.statusCode, headers: Object.fromEntries(given), content };
  }

  async remove(type: string, path: string): Promise<void> {
    const { statusCode, body } = await this.send('DELETE', type, path);
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`DELETE ${path}: ${statusCode} ${text}`);
  }

  private get(type: string, path: string): Promise<Dispatcher.ResponseData> {
    return this.send('GET', type, path);
  }

  private send(
    method: 'GET' | 'POST' | 'DELETE',
    type: string,
    path: string,
    body?: string,
  ): Promise<Dispatcher.ResponseData> {
    return request(`${this.endpointOf(type)}${path}`, {
      method,
      dispatcher: new Agent({ connect: { ca: this.authority } }),
      headers: { 'x-auth-token': this.token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Public URL of a service, without a slash at its end. */
  endpointOf(type: string): string {
    const url = this.endpoints.get(type);
    if (!url) throw new Error(`the catalogue has no public ${type} endpoint`);
    return url.replace(/\/$/, '');
  }

  /**
   * Asks an API ten times a second, however long answers take, every other time with a token and over a connection
   * that is kept, until it is stopped.
   * @param openPath what anybody may ask for
   */
  askAllTheTime({
    type = 'compute',
    path = '/servers',
    openPath = '/',
    headers = { 'x-auth-token': this.token } as Record<string, string>,
  } = {}): Asking {
    const endpoint = this.endpointOf(type);
    const started = performance.now();
    const kept = new Agent({ connect: { ca: this.authority } });
    const fresh = new Agent({ connect: { ca: this.authority }, pipelining: 0 });
    const stopping = new AbortController();
    const failures: FailedRequest[] = [];
    let answers = 0;
    let slowest = 0;
    const ask = async (url: string, dispatcher: Dispatcher) => {
      const at = new Date();
      const fail = (how: unknown) => failures.push({ at, what: `GET ${url}: ${how}` });
      const began = performance.now();
      try {
        const { statusCode, body } = await request(url, {
          dispatcher,
          headers,
          headersTimeout: 60_000,
        });
        const text = await body.text();
        slowest = Math.max(slowest, (performance.now() - began) / 1000);
        // Some list their versions as a choice of several.
        if (statusCode === 200 || statusCode === 300) answers += 1;
        else fail(`${statusCode} ${text.slice(0, 200)}`);
      } catch (error) {
        fail(error);
      }
    };
    const asking = async () => {
      const under: Promise<void>[] = [];
      while (!stopping.signal.aborted) {
        under.push(
          under.length % 2 === 0
            ? ask(`${new URL(endpoint).origin}${openPath}`, fresh)
            : ask(`${endpoint}${path}`, kept),
        );
        // By the clock: what a busy machine delays is asked for at once afterwards.
        await sleep(Math.max(0, started + under.length * 100 - performance.now()));
      }
      const rate = under.length / ((performance.now() - started) / 1000);
      await Promise.all(under);
      return rate;
    };
    const done = asking();
    const ended = () => answers + failures.length;
    return {
      ended,
      async until(count) {
        await waitUntil(`${count} requests`, 60_000 + count * 100, () => ended() >= count || undefined);
      },
      async stop() {
        stopping.abort();
        const rate = await done;
        await Promise.all([kept.close(), fresh.close()]);
        return { answers, failures, rate, slowest };
      },
    };
  }
}

/** What `gantry env` writes for clients. */
export async function readCloudEntry(gantry: Gantry, name = gantry.name): Promise<CloudEntry> {
  await gantry.output('env');
  const { clouds } = parse(await readFile(join(gantry.state, 'clouds.yaml'), 'utf8')) as {
    clouds: Record<string, CloudEntry>;
  };
  const entry = clouds[name];
  if (!entry) throw new Error(`clouds.yaml has no cloud ${name}`);
  return entry;
}

/** The demo server, reached by the command that `gantry up --demo` printed. */
export class DemoServer {
  private readonly words: string[];
  /** Its floating IP. */
  readonly address: string;

  constructor(readonly command: string) {
    this.words = command.trim().split(' ').slice(1);
    this.address = command.trim().replace(/^.*@/s, '');
  }

  /** Another server of the same user. */
  at(address: string): DemoServer {
    return new DemoServer(this.command.replace(this.address, address));
  }

  /** Runs a command there; resolves to its output. */
  async run(command: string): Promise<string> {
    const running = this.start(command);
    running.child.stdin?.end();
    const { code, stdout, stderr } = await running.finished;
    if (code !== 0) throw new Error(`ssh ended with ${code}: ${stderr}`);
    return stdout.trim();
  }

  /** Starts a command there whose connection stays open as long as it runs. */
  start(command: string): Running {
    const options = ['BatchMode=yes', 'ConnectTimeout=5', 'ServerAliveInterval=5', 'LogLevel=ERROR'];
    return start(
      'ssh',
      ['-F', '/dev/null', ...options.flatMap((one) => ['-o', one]), ...this.words, command],
      {
        limitMs: 300_000,
        input: true,
      },
    );
  }
}
