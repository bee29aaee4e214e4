import { beforeAll, describe, expect, test } from 'vitest';
import { DemoServer } from './client.ts';
import { askDatabase } from './database.ts';
import { waitUntil } from './gantry.ts';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { Volumes } from './volumes.ts';

/**
 * Volumes of servers on a real Docker Engine with what other services add to them, backups and encryption, and attachments that are
 * cut off between two steps.
 */
const cloud = 'e2ecindercomplete';
const group = useGroupCloud(
  cloud,
  'services: {barbican: true, ceph: true, cinder: true, swift: true}\nstorage: {swift: {volumes: 1}}\n',
);

const user = new Volumes(cloud, group);

const MIB = 2 ** 20;
const START = 8 * MIB;

describe('volumes of servers', () => {
  let server: DemoServer;

  const startOf = (disk: string) => server.run(`doas head -c ${START} /dev/${disk} | sha256sum`);
  const hasDisk = async () => (await server.run('cat /proc/partitions')).includes('vdb');
  const waitForDisk = (wanted: boolean) =>
    waitUntil(`the server ${wanted ? 'with' : 'without'} a disk`, 60_000, async () =>
      (await hasDisk()) === wanted ? true : undefined,
    );

  const countLines = async (process: string, words: string) =>
    (await group().gantry.output('logs', process)).split('\n').filter((line) => line.includes(words)).length;

  testComing(group);

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  describe('that are cut off between two steps of an attachment', () => {
    /** What is wrong, as if all of it had been so for long. */
    async function check(): Promise<{ code: number | string; seen: string[]; mended: boolean }> {
      await askDatabase(
        group().gantry,
        'UPDATE cinder.volumes SET updated_at = NOW() - INTERVAL 10 MINUTE WHERE deleted = 0',
      );
      const { code, stdout } = await group().gantry.run('volumes', 'check', '-o', 'json');
      const { findings } = JSON.parse(stdout) as { findings: { seen: string; mends: unknown[] }[] };
      return {
        code,
        seen: findings.map(({ seen }) => seen),
        mended: findings.every((one) => one.mends.length > 0),
      };
    }

    /** The broker's queues, each with its number of messages that nobody has done with. */
    function listQueues(): Promise<string> {
      const list = 'rabbitmqctl -q list_queues name messages --no-table-headers';
      return group().gantry.output('exec', 'rabbitmq', 'sh', '-c', `HOME=/var/lib/rabbitmq ${list}`);
    }

    async function expectMended(seen: string, status: string): Promise<void> {
      const { gantry } = group();
      expect(await check()).toEqual({ code: 1, seen: [seen], mended: true });
      const explained = await gantry.run('explain', 'server', 'demo');
      expect(explained.code).toBe(1);
      expect(explained.stdout).toContain(seen);
      await group().containers.waitUntilHealthy(120_000);
      await expectDone(group(), 'volumes', 'repair', '--yes');
      expect(await user.statusOf('volume', 'disk')).toBe(status);
      expect(await check()).toMatchObject({ code: 0, seen: [] });
    }

    /** Kills nova-compute while it waits for an answer of cinder-volume to what it was asked to do, which leaves the volume in this status. */
    async function cutOff(status: string, change: 'add' | 'remove'): Promise<void> {
      const { containers } = group();
      await containers.pausing('cinder-volume', async () => {
        const asked = user.openstack('server', change, 'volume', 'demo', 'disk');
        await waitUntil('what cinder-volume is asked', 60_000, async () =>
          /^cinder-volume\.\S+\t[1-9]/m.test(await listQueues()) ? true : undefined,
        );
        await containers.crash('nova-compute');
        await asked;
      });
      await user.waitFor('disk', status);
    }

    test('are in order before', async () => {
      await user.create('disk');
      expect(await check()).toMatchObject({ code: 0, seen: [] });
    });

    test('are let go where the guest never got the disk', async () => {
      await cutOff('attaching', 'add');
      await expectMended('attaching, and the guest never got the disk', 'available');
      expect(await hasDisk()).toBe(false);
    });

    // As nova-compute leaves it that dies once the guest has the disk; no pause of another process meets that moment.
    test('are completed where the guest has the disk, and can be taken away', async () => {
      await user.give('disk');
      await waitForDisk(true);
      const volume = "(SELECT id FROM cinder.volumes WHERE display_name = 'disk' AND deleted = 0)";
      await askDatabase(
        group().gantry,
        `UPDATE cinder.volume_attachment SET attach_status = 'attaching' WHERE deleted = 0 AND volume_id = ${volume};
         UPDATE nova.block_device_mapping SET connection_info = NULL WHERE deleted = 0 AND volume_id = ${volume};
         UPDATE cinder.volumes SET status = 'attaching', attach_status = 'detached' WHERE display_name = 'disk' AND deleted = 0`,
      );
      await expectMended('the guest has the disk, and its attachment was not completed', 'in-use');
      expect(await hasDisk()).toBe(true);
      await user.takeAway('disk');
      await waitForDisk(false);
    });

    test('are forgotten where Cinder has let go, and can be given again', async () => {
      await user.give('disk');
      await waitForDisk(true);
      await cutOff('available', 'remove');
      expect(await hasDisk()).toBe(false);
      await expectMended('Nova has recorded it, and Cinder has no such attachment', 'available');
      await user.give('disk');
      await waitForDisk(true);
      await user.takeAway('disk');
    });
  });

  describe('are backed up', () => {
    const backUp = async (name: string, ...more: string[]) => {
      await user.openstack('volume', 'backup', 'create', ...more, '--name', name, 'disk');
      await user.waitFor(name, 'available', 'volume backup');
    };

    test('while a server uses them, then what changed since; a volume made of both has the same bytes', async () => {
      await user.give('disk');
      await waitForDisk(true);
      await server.run(`head -c ${START} /dev/urandom | doas tee /dev/vdb >/dev/null && sync`);
      await backUp('whole', '--force');
      await server.run(
        'head -c 65536 /dev/urandom | doas dd of=/dev/vdb bs=65536 seek=64 conv=notrunc && sync',
      );
      const written = await startOf('vdb');
      await backUp('changes', '--force', '--incremental');
      await user.takeAway('disk');
      await user.create('again');
      await user.openstack('volume', 'backup', 'restore', '--force', 'changes', 'again');
      await user.waitFor('again', 'available');
      await user.give('again');
      await waitForDisk(true);
      expect(await startOf('vdb')).toBe(written);
      await user.takeAway('again');
    });

    test('as objects that no user can reach, and go with the backup', async () => {
      const containers = await user.openstack('container', 'list', '-f', 'value');
      expect(containers).not.toContain('volumebackups');
      // One that others are made on cannot go before them.
      for (const name of ['changes', 'whole']) {
        await user.openstack('volume', 'backup', 'delete', name);
        await waitUntil(`no backup ${name}`, 60_000, async () =>
          (await user.openstack('volume', 'backup', 'list', '-f', 'value', '-c', 'Name')).includes(name)
            ? undefined
            : true,
        );
      }
    });

    test('or are in error where what does it dies, and are free again', async () => {
      await group().containers.pausing('swift-proxy', async () => {
        const begun = await countLines('cinder-backup', 'Create backup started');
        await user.openstack('volume', 'backup', 'create', '--name', 'lost', 'disk');
        await waitUntil('cinder-backup at work', 60_000, async () =>
          (await countLines('cinder-backup', 'Create backup started')) > begun ? true : undefined,
        );
        await group().containers.crash('cinder-backup');
      });
      await group().containers.waitUntilHealthy(120_000);
      await waitUntil('the backup in error', 60_000, async () =>
        (await user.statusOf('volume backup', 'lost')) === 'error' ? true : undefined,
      );
      await user.waitFor('disk', 'available');
      await user.openstack('volume', 'backup', 'delete', 'lost');
    });
  });

  describe('are encrypted', () => {
    const text = 'what only the server reads';

    test('where their type says so: Ceph has other bytes than the server, which are the same after a restart', async () => {
      await user.create('secret', '--type', 'ceph-luks');
      await user.give('secret');
      await waitForDisk(true);
      await server.run(`yes '${text}' | head -c ${START} | doas tee /dev/vdb >/dev/null && sync`);
      const written = await startOf('vdb');
      const id = (await user.openstack('volume', 'show', 'secret', '-f', 'value', '-c', 'id')).trim();
      const inCeph = async (pattern: string) =>
        group().gantry.run(
          'exec',
          'cinder-volume',
          '--',
          'sh',
          '-c',
          `rbd --id openstack --pool volumes export volume-${id} - | grep -qaF '${pattern}'`,
        );
      expect((await inCeph('LUKS')).code).toBe(0);
      expect((await inCeph(text)).code).toBe(1);
      await user.openstack('server', 'reboot', '--hard', '--wait', 'demo');
      await waitUntil('the server with its disk', 120_000, async () =>
        (await server.run('cat /proc/partitions').catch(() => '')).includes('vdb') ? true : undefined,
      );
      expect(await startOf('vdb')).toBe(written);
      await user.takeAway('secret');
    });
  });

  test('go with the demo that they belong to, and their backups and keys', async () => {
    await expectDone(group(), 'demo', '--remove');
  });

  testGoing(group);
});
