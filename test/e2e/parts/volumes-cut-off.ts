import { describe, expect, test } from 'vitest';
import type { DemoServer } from '../client.ts';
import { commandLines, stopping } from '../containers.ts';
import { askDatabase } from '../database.ts';
import { waitUntil } from '../gantry.ts';
import type { GroupCloud } from '../group-cloud.ts';
import type { Volumes } from '../volumes.ts';

/** What is between two steps of an attachment when one of those that take them dies. `user` has a server, and no volumes yet. */
export function testCutOff(use: () => GroupCloud, user: Volumes, server: () => DemoServer): void {
  const hasDisk = async () => (await server().run('cat /proc/partitions')).includes('vdb');
  const waitForDisk = (wanted: boolean) =>
    waitUntil(`the server ${wanted ? 'with' : 'without'} a disk`, 60_000, async () =>
      (await hasDisk()) === wanted ? true : undefined,
    );
  const change = (verb: 'add' | 'remove') => user.openstack('server', verb, 'volume', 'demo', 'disk');

  /** Waits until cinder-volume is asked for something, which it does not begin while it stands still. */
  async function waitUntilAsked(): Promise<void> {
    const list = 'rabbitmqctl -q list_queues name messages --no-table-headers';
    await waitUntil('what cinder-volume is asked', 60_000, async () => {
      const queues = await use().gantry.output(
        'exec',
        'rabbitmq',
        'sh',
        '-c',
        `HOME=/var/lib/rabbitmq ${list}`,
      );
      return /^cinder-volume\.\S+\t[1-9]/m.test(queues) ? true : undefined;
    });
  }

  /**
   * Finds one thing wrong, which is mended, and then nothing.
   * @param seen what is said of it, or all that may be
   * @param failed whether Nova knows that it failed, which is told of besides
   */
  async function expectMended(
    seen: string | readonly string[],
    status: string,
    { failed = false } = {},
  ): Promise<void> {
    const { gantry, containers } = use();
    const told = failed ? [failure] : [];
    const found = await user.check();
    expect(found).toEqual([{ seen: expect.toBeOneOf([seen].flat()), mended: true }, ...told]);
    const explained = await gantry.run('explain', 'server', 'demo');
    expect(explained.code).toBe(1);
    expect(explained.stdout).toContain(found[0]?.seen);
    await containers.waitUntilHealthy(120_000);
    const repaired = await gantry.run('volumes', 'repair', '--yes');
    expect(repaired.code, repaired.stderr).toBe(failed ? 1 : 0);
    expect(await user.statusOf('volume', 'disk')).toBe(status);
    expect(await user.check()).toEqual(told);
  }

  const failure = {
    seen: expect.stringMatching(/^a volume could not be given to it, or taken away/),
    mended: false,
  };

  describe('that are cut off between two steps of an attachment', () => {
    test('are in order before', async () => {
      await user.create('disk');
      expect(await user.check()).toEqual([]);
    });

    /** Kills nova-compute while it waits for an answer of cinder-volume to what it was asked to do, which leaves the volume in this status. */
    async function cutOff(status: string, verb: 'add' | 'remove'): Promise<void> {
      const { containers } = use();
      await containers.pausing('cinder-volume', async () => {
        const asked = change(verb);
        await waitUntilAsked();
        await containers.crash('nova-compute');
        await asked;
      });
      await user.waitFor('disk', status);
    }

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
        use().gantry,
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
      await waitForDisk(false);
    });
  });

  describe('that are cut off by the end of cinder-api', () => {
    const inOrder = async () => {
      await user.give('disk');
      await waitForDisk(true);
      await user.takeAway('disk');
      await waitForDisk(false);
      expect(await user.check()).toEqual([]);
    };

    const giveUp = (verb: string, still: boolean) =>
      waitUntil(`nova-compute to have given up to ${verb} it`, 120_000, async () => {
        const events = await user.openstack('server', 'event', 'list', '--long', 'demo', '-f', 'json');
        const [last] = JSON.parse(events) as { Message?: string | null }[];
        const recorded = (await user.openstack('server', 'volume', 'list', 'demo', '-f', 'value')) !== '';
        return last?.Message === 'Error' && recorded === still ? true : undefined;
      });

    const whileCinderVolumeStands = (meanwhile: () => Promise<void>) =>
      use().containers.pausing('cinder-volume', meanwhile);
    const whileLibvirtStands = (meanwhile: () => Promise<void>) => stopping('libvirtd ', meanwhile);

    /** Nova has been told how the disk is reached, and waits for libvirt. */
    const waitUntilConnected = () =>
      waitUntil('an attachment that Nova has been told of', 60_000, async () =>
        (await askDatabase(
          use().gantry,
          "SELECT COUNT(*) FROM cinder.volume_attachment WHERE deleted = 0 AND attach_status = 'attaching'",
        )) === '1'
          ? true
          : undefined,
      );

    /** Changes something while one stands still, and has cinder-api away from a moment on until Nova has given up. */
    async function withoutApi(
      standing: (meanwhile: () => Promise<void>) => Promise<void>,
      verb: 'add' | 'remove',
      moment: () => Promise<unknown>,
      still: boolean,
    ): Promise<void> {
      const { containers } = use();
      await standing(async () => {
        await change(verb);
        await moment();
        await containers.kill('cinder-api');
      });
      await giveUp(verb, still);
      await containers.start('cinder-api');
      await containers.waitUntilHealthy(120_000);
    }

    test('are let go where nova-compute could neither go on nor say so', async () => {
      await withoutApi(whileCinderVolumeStands, 'add', waitUntilAsked, false);
      await expectMended('attached, and Nova has not recorded it in the server', 'available', {
        failed: true,
      });
      await inOrder();
    });

    test('are let go where the guest had the disk, and nobody took that down', async () => {
      await withoutApi(whileLibvirtStands, 'add', waitUntilConnected, false);
      await waitForDisk(false);
      await expectMended('attached, and Nova has not recorded it in the server', 'available', {
        failed: true,
      });
      await inOrder();
    });

    test('are forgotten where the guest let go, and nobody took that down', async () => {
      await user.give('disk');
      await waitForDisk(true);
      await withoutApi(whileCinderVolumeStands, 'remove', waitUntilAsked, true);
      // By whether cinder-volume had been asked already when cinder-api ended.
      const either = [
        'Nova has recorded it, and Cinder has no such attachment',
        'the guest has let go of the disk, and it was not finished',
      ];
      await expectMended(either, 'available', { failed: true });
      expect(await hasDisk()).toBe(false);
      await inOrder();
    });
  });

  describe('that are cut off by the end of cinder-volume', () => {
    test('are given all the same where it had not begun', async () => {
      const { containers } = use();
      await containers.pausing('cinder-volume', async () => {
        await change('add');
        await waitUntilAsked();
        await containers.crash('cinder-volume');
      });
      await user.waitFor('disk', 'in-use');
      await waitForDisk(true);
      expect(await user.check()).toEqual([]);
      await user.takeAway('disk');
      await waitForDisk(false);
    });

    test('are given after all where it was at work, or available again, and their user is told', async () => {
      const { containers } = use();
      // It asks Ceph's monitors where they are.
      await containers.pausing('ceph-mon', async () => {
        await change('add');
        await waitUntil('cinder-volume at work', 60_000, async () =>
          (await commandLines()).some(({ command }) => command.includes('ceph mon dump')) ? true : undefined,
        );
        await containers.crash('cinder-volume');
      });
      await containers.waitUntilHealthy(120_000);
      // Nova asks Cinder again where that says after a minute that it failed.
      const ends = ['available', 'in-use'];
      const end = await waitUntil('the volume to be given, or not', 180_000, async () => {
        const status = await user.statusOf('volume', 'disk');
        return ends.includes(status) ? status : undefined;
      });
      if (end === 'available') {
        expect(await user.check()).toEqual([failure]);
        await user.give('disk');
      }
      await waitForDisk(true);
      await user.takeAway('disk');
      await waitForDisk(false);
      expect(await user.check()).toEqual([]);
    });
  });
}
