import { type Gantry, waitUntil } from './gantry.ts';

/** How `gantry status` tells of an OSD. */
interface ShownOsd {
  host: string;
  id: number;
  node: string | null;
  up: boolean;
  weight: number;
  groups: number | null;
}

/** How it tells of a monitor. */
interface ShownMonitor {
  name: string;
  inQuorum: boolean;
}

/** cloud.yaml with these lines under storage.ceph. */
export const withCeph = (settings = '') => `services: {ceph: true}\nstorage: {ceph: {${settings}}}\n`;

/** The Ceph cluster of a cloud, as its operators and users see it. */
export class CephCluster {
  constructor(private readonly use: () => { gantry: Gantry }) {}

  /** A command in the monitor's container, where Ceph's own tools are; resolves to its output. */
  inMonitor(...command: string[]): Promise<string> {
    return this.use().gantry.output('exec', 'ceph-mon', '--', 'timeout', '60', ...command);
  }

  /** A pool's image with something in it. */
  async writeImage(): Promise<void> {
    await this.inMonitor('rbd', 'create', '--size', '64M', 'volumes/disk');
    await this.inMonitor('rbd', 'bench', '--io-type', 'write', '--io-total', '32M', 'volumes/disk');
  }

  /** Of all that is in that image. */
  checksum(): Promise<string> {
    const read = 'rbd --no-progress export volumes/disk - | sha256sum';
    return this.inMonitor('bash', '-c', read);
  }

  private async shown(): Promise<{ osds: ShownOsd[]; monitors: ShownMonitor[] }> {
    const { stdout } = await this.use().gantry.run('status', '-o', 'json');
    return JSON.parse(stdout).services.ceph;
  }

  async osds(): Promise<ShownOsd[]> {
    return (await this.shown()).osds;
  }

  /** Names of the monitors in the quorum. */
  async quorum(): Promise<string> {
    const { monitors } = await this.shown();
    return monitors.flatMap(({ name, inQuorum }) => (inQuorum ? [name] : [])).join('');
  }

  async hosts(): Promise<string[]> {
    return (await this.osds()).map(({ host }) => host);
  }

  async waitForHealth(limitMs = 90_000): Promise<void> {
    await waitUntil('HEALTH_OK', limitMs, async () => {
      const asked = ['exec', 'ceph-mon', '--', 'timeout', '10', 'ceph', 'health'];
      const { stdout } = await this.use().gantry.run(...asked);
      // It tells of what is muted, too.
      return /^HEALTH_OK( \(muted: .*\))?$/.test(stdout.trim()) ? true : undefined;
    });
  }

  /** Waits until an OSD has placement groups of this kind of number. */
  async waitForGroups(host: string, is: (groups: number) => boolean): Promise<void> {
    await waitUntil(`placement groups of ${host}`, 120_000, async () => {
      const groups = (await this.osds()).find((osd) => osd.host === host)?.groups ?? undefined;
      return groups !== undefined && is(groups) ? true : undefined;
    });
  }
}
