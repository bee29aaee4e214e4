import { beforeAll, describe, expect, test } from 'vitest';
import type { DemoServer } from '../client.ts';
import { waitUntil } from '../gantry.ts';
import type { GroupCloud } from '../group-cloud.ts';
import { checksum, type Volumes, waitForDisks, writeDisk } from '../volumes.ts';
import { expectDone } from './cloud.ts';
import { testVolumeGroups } from './volume-groups.ts';

/** So few at a time that it is seen on a busy machine, and so many that what is allowed at first does not count. */
const READS = 100;
const LIMIT = 20;
const LIMITED_SECONDS = (READS / LIMIT) * 0.6;

/** What types add to volumes, and what else is done with them. `user` has a server without volumes. */
export function testVolumeTypes(use: () => GroupCloud, user: Volumes, server: () => DemoServer): void {
  const admin = (...words: string[]) => use().gantry.output('openstack', ...words);
  const idOf = async (kind: string, name: string) =>
    (await user.openstack(...kind.split(' '), 'show', name, '-f', 'value', '-c', 'id')).trim();
  const makeType = (name: string, ...more: string[]) =>
    admin('volume', 'type', 'create', '--property', 'volume_backend_name=ceph', ...more, name);

  const give = async (name: string) => {
    await user.give(name);
    await waitForDisks(server(), { vdb: 1024 });
  };
  const takeAway = async (name: string) => {
    await user.takeAway(name);
    await waitForDisks(server(), {});
  };

  describe('that are limited by their type', () => {
    /** How long that many reads took, past all memory of the guest. */
    async function secondsToRead(): Promise<number> {
      const now = "cut -d' ' -f1 /proc/uptime";
      const read = `doas dd if=/dev/vdb of=/dev/null bs=4096 count=${READS} iflag=direct`;
      const times = await server().run(`${now}; ${read} 2>/dev/null && ${now}`);
      const [begun, ended] = times.split('\n').map(Number);
      return (ended ?? 0) - (begun ?? 0);
    }

    const limitInGuest = async () => {
      const ask = [
        'virsh',
        '--readonly',
        '--connect',
        'qemu:///system',
        'dumpxml',
        await idOf('server', 'demo'),
      ];
      const definition = await use().gantry.output('exec', 'libvirt', '--', ...ask);
      return Number(/<total_iops_sec>(\d+)</.exec(definition)?.[1] ?? 0);
    };
    const limitInCeph = async (name: string) => {
      const image = `volumes/volume-${await idOf('volume', name)}`;
      const ask = ['rbd', '--id', 'openstack', 'config', 'image', 'get', image, 'rbd_qos_iops_limit'];
      const { code, stdout, stderr } = await use().gantry.run('exec', 'cinder-volume', '--', ...ask);
      if (stderr.includes('rbd_qos_iops_limit is not set')) return 0;
      expect(code, stderr).toBe(0);
      return Number(stdout);
    };

    beforeAll(async () => {
      for (const consumer of ['front-end', 'back-end']) {
        const limit = ['--property', `total_iops_sec=${LIMIT}`];
        await admin('volume', 'qos', 'create', '--consumer', consumer, ...limit, consumer);
        await makeType(`ceph-${consumer}`);
        await admin('volume', 'qos', 'associate', consumer, `ceph-${consumer}`);
        await user.create(`of-${consumer}`, '--type', `ceph-${consumer}`);
      }
      await user.create('plain');
    });

    test('are so by QEMU or by Ceph, and others are not', async () => {
      await give('plain');
      const unlimited = await secondsToRead();
      expect(unlimited).toBeLessThan(LIMITED_SECONDS);
      await takeAway('plain');

      await give('of-front-end');
      expect([await limitInGuest(), await limitInCeph('of-front-end')]).toEqual([LIMIT, 0]);
      expect(await secondsToRead()).toBeGreaterThan(LIMITED_SECONDS);
      await takeAway('of-front-end');

      await give('of-back-end');
      expect([await limitInGuest(), await limitInCeph('of-back-end')]).toEqual([0, LIMIT]);
      expect(await secondsToRead()).toBeGreaterThan(LIMITED_SECONDS);
      await takeAway('of-back-end');
    });

    test('are so once they are of that type, and no more when they are of another', async () => {
      const change = async (type: string) => {
        await user.openstack('volume', 'set', '--type', type, 'plain');
        await user.waitFor('plain', 'available');
        const shown = await user.openstack('volume', 'show', 'plain', '-f', 'value', '-c', 'type');
        expect(shown.trim()).toBe(type);
        return limitInCeph('plain');
      };
      expect(await change('ceph-back-end')).toBe(LIMIT);
      expect(await change('ceph')).toBe(0);
      // A project may have ten.
      await user.openstack('volume', 'delete', 'of-front-end', 'of-back-end', 'plain');
    });
  });

  describe('that several servers have', () => {
    let second: DemoServer;

    test('start a server from what was a snapshot of another one', async () => {
      const image = (await user.openstack('image', 'list', '-f', 'value', '-c', 'ID')).trim().split('\n')[0];
      await user.create('system', '--image', image ?? '');
      await user.openstack('volume', 'snapshot', 'create', '--volume', 'system', 'moment');
      await user.waitFor('moment', 'available', 'volume snapshot');
      await user.create('again-system', '--snapshot', 'moment');
      second = await user.start('second', server(), '--volume', 'again-system');
    });

    test('have what one wrote for the other, until the last one lets go', async () => {
      await makeType('ceph-shared', '--property', 'multiattach=<is> True');
      await user.create('shared', '--type', 'ceph-shared');
      await give('shared');
      await user.openstack('server', 'add', 'volume', 'second', 'shared');
      await waitForDisks(second, { vdb: 1024 });
      expect(await checksum(second)).not.toBe('');
      const written = await writeDisk(server());
      // Past what it remembers from before.
      await second.run('echo 3 | doas tee /proc/sys/vm/drop_caches >/dev/null');
      expect(await checksum(second)).toBe(written);
      await user.waitFor('shared', 'in-use');
      expect(await user.check()).toEqual([]);
      await user.openstack('server', 'remove', 'volume', 'demo', 'shared');
      await waitForDisks(server(), {});
      await user.waitFor('shared', 'in-use');
      await second.run('echo 3 | doas tee /proc/sys/vm/drop_caches >/dev/null');
      expect(await checksum(second)).toBe(written);
      expect(await user.check()).toEqual([]);
      await user.openstack('server', 'remove', 'volume', 'second', 'shared');
      await user.waitFor('shared', 'available');
    });
  });

  testVolumeGroups(use, { user, server, give, takeAway });

  /** Has Cinder forget a volume of an administrator's project, and manage what is left of it in the pool as a new one. */
  async function letGoAndTakeBack(name: string): Promise<void> {
    const { id, 'os-vol-host-attr:host': host } = JSON.parse(
      await admin('volume', 'show', name, '-f', 'json'),
    ) as { id: string; 'os-vol-host-attr:host': string };
    await admin('volume', 'delete', '--remote', name);
    await waitUntil(`volume ${name} forgotten`, 60_000, async () =>
      (await admin('volume', 'list', '-f', 'value', '-c', 'ID')).includes(id) ? undefined : true,
    );
    const remote = ['--remote-source', `source-name=volume-${id}`, '--host', host];
    await admin('volume', 'create', ...remote, '--type', 'ceph', name);
    await waitUntil(`volume ${name} managed`, 60_000, async () => {
      const seen = (await admin('volume', 'show', name, '-f', 'value', '-c', 'status')).trim();
      if (seen.startsWith('error')) throw new Error(`volume ${name} is ${seen}`);
      return seen === 'available' ? true : undefined;
    });
  }

  test('are given to another project by a key, with what is on them, and managed by Cinder in between', async () => {
    await user.create('gift');
    await give('gift');
    const written = await writeDisk(server());
    await takeAway('gift');
    const pass = async (from: typeof admin, to: typeof admin) => {
      const request = await from('volume', 'transfer', 'request', 'create', 'gift', '-f', 'json');
      const { id, auth_key: key } = JSON.parse(request) as { id: string; auth_key: string };
      await to('volume', 'transfer', 'request', 'accept', '--auth-key', key, id);
    };
    const asUser = (...words: string[]) => user.openstack(...words);
    await pass(asUser, admin);
    expect(await user.openstack('volume', 'list', '-f', 'value', '-c', 'Name')).not.toContain('gift');
    expect((await admin('volume', 'show', 'gift', '-f', 'value', '-c', 'status')).trim()).toBe('available');
    await letGoAndTakeBack('gift');
    await pass(admin, asUser);
    await give('gift');
    expect(await checksum(server())).toBe(written);
    await takeAway('gift');
  });

  test('go with the demo that they belong to, in whatever they are', async () => {
    await user.openstack('volume', 'transfer', 'request', 'create', 'gift');
    await expectDone(use(), 'demo', '--remove');
    await waitUntil('no volumes', 60_000, async () =>
      (await admin('volume', 'list', '--all-projects', '-f', 'value')) === '' ? true : undefined,
    );
  });
}
