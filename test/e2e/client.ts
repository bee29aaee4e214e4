import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { parse } from 'yaml';
import { type Gantry, type Running, start } from './gantry.ts';

interface CloudEntry {
  auth: { auth_url: string; username: string; password: string; project_name: string };
}

/** A user of the cloud's APIs who goes through the front door and trusts the cloud's own authority. */
export class ApiClient {
  private constructor(
    private readonly authority: string,
    private readonly token: string,
    /** Address of the compute endpoint, without a path. */
    private readonly compute: string,
  ) {}

  /** Logs in with what `gantry env` wrote. */
  static async open(gantry: Gantry): Promise<ApiClient> {
    await gantry.output('env');
    const authority = await readFile(join(gantry.state, 'trusted.pem'), 'utf8');
    const { clouds } = parse(await readFile(join(gantry.state, 'clouds.yaml'), 'utf8')) as {
      clouds: Record<string, CloudEntry>;
    };
    const auth = clouds[gantry.name]?.auth;
    if (!auth) throw new Error(`clouds.yaml has no cloud ${gantry.name}`);
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
    const endpoint = body.token.catalog
      .find(({ type }) => type === 'compute')
      ?.endpoints.find((one) => one.interface === 'public');
    if (!endpoint) throw new Error('the catalogue has no public compute endpoint');
    return new ApiClient(authority, String(response.headers['x-subject-token']), endpoint.url);
  }

  /**
   * Asks the compute API about ten times a second, every other time with a token and over a connection that is kept,
   * until it is stopped. `stop` resolves to the number of answers and to what went wrong.
   */
  askAllTheTime(): { stop(): Promise<{ answers: number; failures: string[] }> } {
    const kept = new Agent({ connect: { ca: this.authority } });
    const fresh = new Agent({ connect: { ca: this.authority }, pipelining: 0 });
    const stopping = new AbortController();
    const failures: string[] = [];
    let answers = 0;
    const ask = async (url: string, dispatcher: Dispatcher) => {
      const at = new Date().toISOString();
      try {
        const { statusCode, body } = await request(url, {
          dispatcher,
          headers: { 'x-auth-token': this.token },
          headersTimeout: 20_000,
        });
        const text = await body.text();
        if (statusCode === 200) answers += 1;
        else failures.push(`${at} GET ${url}: ${statusCode} ${text.slice(0, 200)}`);
      } catch (error) {
        failures.push(`${at} GET ${url}: ${error}`);
      }
    };
    const asking = async () => {
      const under: Promise<void>[] = [];
      for (let turn = 0; !stopping.signal.aborted; turn += 1) {
        under.push(
          turn % 2 === 0
            ? ask(`${new URL(this.compute).origin}/`, fresh)
            : ask(`${this.compute}/servers`, kept),
        );
        await sleep(100);
      }
      await Promise.all(under);
    };
    const done = asking();
    return {
      async stop() {
        stopping.abort();
        await done;
        await Promise.all([kept.close(), fresh.close()]);
        return { answers, failures };
      },
    };
  }
}

/** The demo server, reached by the command that `gantry up --demo` printed. */
export class DemoServer {
  private readonly words: string[];

  constructor(readonly command: string) {
    this.words = command.trim().split(' ').slice(1);
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
