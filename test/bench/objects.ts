/**
 * How fast Swift is through the front door, against its proxy asked directly, in turns: of the cloud that is up on this
 * machine's Docker Engine, whose cloud.yaml is in this directory. What was written is removed.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Pool } from 'undici';
import { parse } from 'yaml';
import { createDockerClient } from '../../engines/docker/client.ts';
import { Label } from '../../engines/docker/labels.ts';
import { median } from './comparison.ts';

const TURNS = 5;
const LARGE = 64 * 1024 * 1024;
const SMALL = 4 * 1024;
/** Small objects that one client writes and reads in a turn, and that several do at the same time. */
const IN_TURN = 100;
const AT_ONCE = 1000;
const CLIENTS = 16;
const CONTAINER = 'gantry-bench';

export async function benchObjects(gantry: string, print: (line: string) => void): Promise<void> {
  const { token, account, ways } = await open(gantry);
  const ask = async (way: Pool, method: 'GET' | 'PUT' | 'DELETE', path: string, body?: Buffer) => {
    const answer = await way.request({
      method,
      path: `${account}/${CONTAINER}${path}`,
      headers: { 'x-auth-token': token },
      ...(body ? { body } : {}),
    });
    await answer.body.dump({ limit: 2 * LARGE });
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode}`);
  };
  const [door] = ways as [Pool, Pool];
  await ask(door, 'PUT', '');
  const made = new Set<string>();
  try {
    const write = (way: Pool, name: string, content: Buffer) => {
      made.add(name);
      return ask(way, 'PUT', `/${name}`, content);
    };
    print('| What | Through the front door | Proxy directly | Ratio |');
    print('|---|---|---|---|');
    for (const [size, count] of [
      [SMALL, IN_TURN],
      [LARGE, 1],
    ] as const) {
      const content = randomBytes(size);
      const names = Array.from({ length: count }, (_, index) => `${size}-${index}`);
      const kinds = {
        PUT: (way: Pool, name: string) => write(way, name, content),
        GET: (way: Pool, name: string) => ask(way, 'GET', `/${name}`),
      };
      for (const [kind, work] of Object.entries(kinds)) {
        const seconds = await inTurns(ways, async (way) => {
          for (const name of names) await work(way, name);
        });
        const rates = seconds.map((all) => (size * count) / median(all) / 1e6);
        const [through = Number.NaN, direct = Number.NaN] = rates;
        const what = `${kind} of ${size === LARGE ? '64 MiB' : '4 KiB'}`;
        print(
          `| ${what} | ${through.toFixed(2)} MB/s | ${direct.toFixed(2)} MB/s | ${(through / direct).toFixed(2)} |`,
        );
      }
    }
    const content = randomBytes(SMALL);
    const waits: number[] = [];
    const waiting = Array.from({ length: AT_ONCE }, (_, index) => `many-${index}`);
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        for (let name = waiting.pop(); name; name = waiting.pop()) {
          const began = performance.now();
          await write(door, name, content);
          waits.push(performance.now() - began);
        }
      }),
    );
    const slow = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN;
    const [middle, p99] = [median(waits), slow].map((ms) => ms.toFixed(0));
    print(`${AT_ONCE} PUTs of 4 KiB by ${CLIENTS} clients: median ${middle} ms, 99 % within ${p99} ms`);
  } finally {
    for (const name of made) await ask(door, 'DELETE', `/${name}`);
    await ask(door, 'DELETE', '');
    for (const way of ways) await way.close();
  }
}

/** Seconds of each way in each turn, the ways one after another in each. */
async function inTurns(ways: readonly Pool[], work: (way: Pool) => Promise<void>): Promise<number[][]> {
  const all = ways.map((): number[] => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [index, way] of ways.entries()) {
      const began = performance.now();
      await work(way);
      all[index]?.push((performance.now() - began) / 1000);
    }
  }
  return all;
}

/** Logs in as the administrator, and finds both ways to Swift. */
async function open(gantry: string) {
  const { stdout } = await promisify(execFile)(gantry, ['openstack', 'token', 'issue', '-f', 'json']);
  const { id: token, project_id: project } = JSON.parse(stdout) as { id: string; project_id: string };
  const environment = (await promisify(execFile)(gantry, ['env'])).stdout;
  const said = (name: string) =>
    new RegExp(`^export ${name}='?([^'\\n]+)'?$`, 'm').exec(environment)?.[1] ?? '';
  const { clouds } = parse(await readFile(said('OS_CLIENT_CONFIG_FILE'), 'utf8')) as {
    clouds: Record<string, { cacert: string; auth: { auth_url: string } }>;
  };
  const cloud = clouds[said('OS_CLOUD')];
  if (!cloud) throw new Error('gantry env names no cloud');
  const { docker } = await createDockerClient(process.env);
  const [proxy] = await docker.listContainers({ filters: { label: [`${Label.process}=swift-proxy`] } });
  const address = Object.values(proxy?.NetworkSettings.Networks ?? {})[0]?.IPAddress;
  if (!address) throw new Error('no swift-proxy runs on this engine: services: {swift: true}');
  const url = new URL(cloud.auth.auth_url);
  const ca = await readFile(cloud.cacert);
  const ways = [
    new Pool(`https://${url.hostname}:8080`, { connections: CLIENTS, connect: { ca } }),
    new Pool(`http://${address}:8080`, { connections: CLIENTS }),
  ];
  return { token, account: `/v1/AUTH_${project}`, ways };
}
