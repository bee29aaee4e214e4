import { join } from 'node:path';
import { entryName } from '../../src/model/cloud-users.ts';
import { flavors, removeServers, servers } from '../../src/openstack/compute.ts';
import { listImages } from '../../src/openstack/image.ts';
import { floatingIps, networks, ports } from '../../src/openstack/network.ts';
import type { Session } from '../../src/openstack/session.ts';
import { readSshBanner } from '../../src/openstack/ssh.ts';
import { waitFor } from '../../src/openstack/wait.ts';
import { type Context, limits } from './course.ts';
import { gantry, type Tree } from './tree.ts';
import { openEntry } from './up-cloud.ts';

const SERVER_LIMIT_MS = 300_000;
const POLL_MS = 100;
const NAME = 'bench';

/**
 * Seconds from the request of a server to its SSH banner, in a cloud that has the demo: its port and floating IP are there
 * before.
 */
export async function measureServer(tree: Tree, { signal }: Context): Promise<number> {
  const session = await openDemoSession(tree, signal);
  const made: (() => Promise<unknown>)[] = [];
  try {
    const find = async <T extends { id: string }>(what: string, found: Promise<T | undefined>) => {
      const id = (await found)?.id;
      if (id === undefined) throw new Error(`the demo has no ${what}`);
      return id;
    };
    const [network, external, flavorRef, imageRef] = await Promise.all([
      find('network', networks.find(session, { name: 'demo', project_id: session.projectId })),
      find('external network', networks.find(session, { 'router:external': true })),
      find(
        'flavor',
        flavors.list(session).then((all) => all.find(({ name }) => name === 'm1.nano')),
      ),
      find(
        'image',
        listImages(session, { name: 'gantry-guest' }).then(([image]) => image),
      ),
    ]);
    const clean = session.withSignal(new AbortController().signal);
    const port = await ports.create(session, { name: NAME, network_id: network });
    made.push(() => ports.remove(clean, port.id));
    const floatingIp = await floatingIps.create(session, {
      floating_network_id: external,
      port_id: port.id,
    });
    made.push(() => floatingIps.remove(clean, floatingIp.id));
    const started = performance.now();
    const server = await servers.create(session, {
      name: NAME,
      imageRef,
      flavorRef,
      key_name: 'demo',
      config_drive: true,
      networks: [{ port: port.id }],
    });
    made.push(() => removeServers(clean, [server.id]));
    await waitForBanner(session, floatingIp.floating_ip_address);
    return (performance.now() - started) / 1000;
  } finally {
    for (const remove of made.reverse()) await remove();
    await session.close();
  }
}

async function waitForBanner(session: Session, address: string): Promise<void> {
  await waitFor<string>({
    failure: `SSH on ${address} did not answer`,
    limitMs: SERVER_LIMIT_MS,
    everyMs: POLL_MS,
    look: async () => {
      const answer = await readSshBanner(address, { timeoutMs: 1000 });
      return 'banner' in answer ? { done: answer.banner } : { waiting: answer.problem };
    },
    signal: session.signal,
    clock: session.clock,
  });
}

/** Logs in with what `gantry env` of that tree wrote. */
async function openDemoSession(tree: Tree, signal: AbortSignal): Promise<Session> {
  await gantry(tree, ['env'], { limitMs: limits.short, signal });
  const file = join(tree.folder, 'state', tree.cloud, 'clouds.yaml');
  return openEntry(file, entryName(tree.cloud, 'demo'), signal);
}
