/**
 * Stacks, in the cloud that is up on this machine's Docker Engine and has the demo: a hundred small ones that ten clients make
 * at the same time, and one of a network, a router and a server against the same calls by hand, in turns.
 */
import { flavors, removeServers, servers, waitUntilActive } from '../../src/openstack/compute.ts';
import { listImages } from '../../src/openstack/image.ts';
import {
  ensureRouterInterface,
  networks,
  removeRouter,
  routers,
  subnets,
} from '../../src/openstack/network.ts';
import { createStack, removeStack, type StackPath, waitForStack } from '../../src/openstack/orchestration.ts';
import type { Session } from '../../src/openstack/session.ts';
import { median } from './comparison.ts';
import { logIn } from './up-cloud.ts';

const NAME = 'gantry-bench';
const STACKS = 100;
const CLIENTS = 10;
const TURNS = 3;
const LIMIT_MS = 300_000;
const CIDR = '10.29.45.0/24';
const IMAGE = 'gantry-guest';
const FLAVOR = 'm1.nano';
const VERSION = { heat_template_version: '2018-08-31' };

export async function benchStacks(gantry: string, print: (line: string) => void): Promise<void> {
  const session = await logIn(gantry, 'demo');
  try {
    print(await many(session));
    await compare(session, print);
  } finally {
    await session.close();
  }
}

/** Each client makes the next one when its last is complete; removed by the same clients afterwards. */
async function many(session: Session): Promise<string> {
  const template = {
    ...VERSION,
    resources: { word: { type: 'OS::Heat::RandomString' } },
  };
  const made: StackPath[] = [];
  const waits: number[] = [];
  let failed = 0;
  try {
    const all = await timed(() =>
      byClients(
        Array.from({ length: STACKS }, (_, index) => `${NAME}-${index}`),
        async (name) => {
          const seconds = await timed(async () => {
            const path = await createStack(session, { name, template });
            made.push(path);
            await waitForStack(session, path, { limitMs: LIMIT_MS });
          }).catch(() => undefined);
          if (seconds === undefined) failed++;
          else waits.push(seconds);
        },
      ),
    );
    const [middle, most] = [median(waits), Math.max(...waits)].map((one) => one.toFixed(1));
    return `${STACKS} stacks of a word by ${CLIENTS} clients: ${failed} failed, ${all.toFixed(0)} s for all, each within ${middle} s (median), ${most} s at most`;
  } finally {
    await byClients(made, async (path) => {
      await removeStack(session, path, { limitMs: LIMIT_MS });
    });
  }
}

async function byClients<T>(of: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...of];
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
    }),
  );
}

async function compare(session: Session, print: (line: string) => void): Promise<void> {
  const [external, image, flavor] = await Promise.all([
    networks.find(session, { 'router:external': 'true' }),
    listImages(session, { name: IMAGE }).then(([found]) => found),
    flavors.list(session).then((all) => all.find(({ name }) => name === FLAVOR)),
  ]);
  if (!external || !image || !flavor) throw new Error('the cloud has no demo: gantry demo');
  const things = { external: external.id, image: image.id, flavor: flavor.id };
  const [stacks, calls]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    stacks.push(await byStack(session, things));
    calls.push(await byHand(session, things));
  }
  print('| Network, subnet, router, server that is ACTIVE | Median | Least and most |');
  print('|---|---|---|');
  for (const [what, seconds] of [
    ['a stack', stacks],
    ['the same calls by hand', calls],
  ] as const) {
    const [middle, least, most] = [median(seconds), Math.min(...seconds), Math.max(...seconds)].map((one) =>
      one.toFixed(1),
    );
    print(`| ${what} | ${middle} s | ${least} to ${most} s |`);
  }
  print(`ratio ${(median(stacks) / median(calls)).toFixed(2)}`);
}

/** Ids of what the server is made of, and of the external network. */
interface Things {
  external: string;
  image: string;
  flavor: string;
}

/** Seconds until the stack is complete. */
async function byStack(session: Session, { external, image, flavor }: Things): Promise<number> {
  const name = NAME;
  const ref = (resource: string) => ({ get_resource: resource });
  const template = {
    ...VERSION,
    resources: {
      network: { type: 'OS::Neutron::Net' },
      subnet: { type: 'OS::Neutron::Subnet', properties: { network: ref('network'), cidr: CIDR } },
      router: { type: 'OS::Neutron::Router', properties: { external_gateway_info: { network: external } } },
      way: {
        type: 'OS::Neutron::RouterInterface',
        properties: { router: ref('router'), subnet: ref('subnet') },
      },
      server: {
        type: 'OS::Nova::Server',
        // As by hand, where it comes last.
        depends_on: ['subnet', 'way'],
        properties: { image, flavor, networks: [{ network: ref('network') }] },
      },
    },
  };
  let path: StackPath | undefined;
  try {
    return await timed(async () => {
      path = await createStack(session, { name, template });
      await waitForStack(session, path, { limitMs: LIMIT_MS });
    });
  } finally {
    if (path) await removeStack(session, path, { limitMs: LIMIT_MS });
  }
}

/** Seconds until the server is ACTIVE, each call after the one that it needs. */
async function byHand(session: Session, { external, image, flavor }: Things): Promise<number> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    return await timed(async () => {
      const network = await networks.create(session, { name: NAME });
      undo.push(() => networks.remove(session, network.id));
      const subnet = await subnets.create(session, {
        name: NAME,
        network_id: network.id,
        cidr: CIDR,
        ip_version: 4,
      });
      const router = await routers.create(session, {
        name: NAME,
        external_gateway_info: { network_id: external },
      });
      undo.push(() => removeRouter(session, router.id));
      await ensureRouterInterface(session, router.id, subnet.id);
      const server = await servers.create(session, {
        name: NAME,
        imageRef: image,
        flavorRef: flavor,
        networks: [{ uuid: network.id }],
      });
      undo.push(() => removeServers(session, [server.id]));
      await waitUntilActive(session, server.id);
    });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
