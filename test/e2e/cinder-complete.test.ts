import { beforeAll, describe, expect, test } from 'vitest';
import { DemoServer } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { Volumes } from './volumes.ts';

/** Volumes of servers on a real Docker Engine with what other services add to them: backups and encryption. */
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

  describe('are backed up', () => {
    const backUp = async (name: string, ...more: string[]) => {
      await user.openstack('volume', 'backup', 'create', ...more, '--name', name, 'disk');
      await user.waitFor(name, 'available', 'volume backup');
    };

    test('while a server uses them, then what changed since; a volume made of both has the same bytes', async () => {
      await user.create('disk');
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
