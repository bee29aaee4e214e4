import type { DemoServer } from './client.ts';
import { askDatabase } from './database.ts';
import { type Gantry, waitUntil } from './gantry.ts';

const MIB = 2 ** 20;

type Kind = 'volume' | 'volume backup' | 'volume snapshot';

/** Volumes of the user `demo`, and servers that have them: what counts is what a server reads from its disk. */
export class Volumes {
  constructor(
    private readonly cloud: string,
    private readonly use: () => { gantry: Gantry },
  ) {}

  /** OpenStack's client as that user. */
  openstack(...words: string[]): Promise<string> {
    return this.use().gantry.output('openstack', '--os-cloud', `${this.cloud}-demo`, ...words);
  }

  async statusOf(kind: Kind, name: string): Promise<string> {
    return (await this.openstack(...kind.split(' '), 'show', name, '-f', 'value', '-c', 'status')).trim();
  }

  async waitFor(name: string, status: string, kind: Kind = 'volume'): Promise<void> {
    await waitUntil(`${kind} ${name} ${status}`, 180_000, async () => {
      const seen = await this.statusOf(kind, name);
      if (seen.startsWith('error')) throw new Error(`${kind} ${name} is ${seen}`);
      return seen === status ? true : undefined;
    });
  }

  async create(name: string, ...more: string[]): Promise<void> {
    await this.openstack('volume', 'create', '--size', '1', ...more, name);
    await this.waitFor(name, 'available');
  }

  /** Gives it to the demo's server. */
  async give(name: string): Promise<void> {
    await this.openstack('server', 'add', 'volume', 'demo', name);
    await this.waitFor(name, 'in-use');
  }

  async takeAway(name: string): Promise<void> {
    await this.openstack('server', 'remove', 'volume', 'demo', name);
    await this.waitFor(name, 'available');
  }

  /** What `volumes check` finds wrong, as if all of it had been so for long. */
  async check(): Promise<{ seen: string; mended: boolean }[]> {
    const { gantry } = this.use();
    await askDatabase(
      gantry,
      'UPDATE cinder.volumes SET updated_at = NOW() - INTERVAL 10 MINUTE WHERE deleted = 0',
    );
    const { code, stdout } = await gantry.run('volumes', 'check', '-o', 'json');
    const { findings } = JSON.parse(stdout) as { findings: { seen: string; mends: unknown[] }[] };
    if (code !== (findings.length > 0 ? 1 : 0))
      throw new Error(`volumes check ended with ${code}: ${stdout}`);
    return findings.map(({ seen, mends }) => ({ seen, mended: mends.length > 0 }));
  }

  /** A server of the user beside the demo's own, reached as that is, once it answers. */
  async start(name: string, like: DemoServer, ...how: string[]): Promise<DemoServer> {
    const ofDemo = ['--flavor', 'm1.nano', '--network', 'demo', '--key-name', 'demo'];
    await this.openstack('server', 'create', ...how, ...ofDemo, '--wait', name);
    const created = await this.openstack('floating', 'ip', 'create', 'external', '-f', 'json');
    const { floating_ip_address: address } = JSON.parse(created);
    await this.openstack('server', 'add', 'floating', 'ip', name, address);
    const server = like.at(address);
    await waitUntil(`the server ${name}`, 120_000, () => server.run('hostname').catch(() => undefined));
    return server;
  }
}

/** Waits until the disks of a server that volumes may be have these sizes in MiB, by name. */
export async function waitForDisks(server: DemoServer, wanted: Record<string, number>): Promise<void> {
  await waitUntil(`disks ${JSON.stringify(wanted)}`, 60_000, async () =>
    JSON.stringify(await disksOf(server)) === JSON.stringify(wanted) ? true : undefined,
  );
}

async function disksOf(server: DemoServer): Promise<Record<string, number>> {
  const lines = (await server.run('cat /proc/partitions')).split('\n').map((line) => line.trim().split(/ +/));
  return Object.fromEntries(
    lines
      .filter(([, , , name = '']) => /^vd[b-z]$/.test(name))
      .map(([, , blocks, name]) => [name, Number(blocks) / 1024]),
  );
}

/** Fills the beginning of a server's disk; resolves to its checksum. */
export async function writeDisk(server: DemoServer): Promise<string> {
  await server.run(`head -c ${8 * MIB} /dev/urandom | doas tee /dev/vdb >/dev/null && sync`);
  return checksum(server);
}

/** Not of the first bytes alone, which a file system could have put there. */
export function checksum(server: DemoServer): Promise<string> {
  return server.run(`doas head -c ${8 * MIB} /dev/vdb | sha256sum`);
}
