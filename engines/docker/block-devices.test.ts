import { expect, test } from 'vitest';
import { process } from '../../src/model/make.ts';
import type { BlockDevice } from '../../src/model/workload.ts';
import { checkBlockDevices, type Look, parseLsblk } from './block-devices.ts';

const block = '/dev/disk/by-id/wwn-1';

/** What is said of one device, in `level: message`. */
async function said(
  look: Look,
  more: Partial<BlockDevice> = {},
  running: string[] = [],
  user = '0:0',
): Promise<string[]> {
  const workload = process({
    name: 'telescope',
    service: 'telescope',
    image: 'base',
    command: [],
    user,
    health: { command: [], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
    needs: { devices: [{ block, ...more }, { device: 'tun' }] },
  });
  const findings = await checkBlockDevices([workload], new Set(running), async () => look);
  return findings.map(({ level, message }) => `${level}: ${message}`);
}

test('an empty device is given', async () => {
  expect(await said({ is: 'device', signatures: [], parts: [], mounts: [], isRead: true })).toEqual([
    'ok: for telescope',
  ]);
});

test('what is on a device keeps it from being written to, but for what the workload wrote itself', async () => {
  const held: Look = {
    is: 'device',
    signatures: ['ext4'],
    parts: ['sda1 (part)'],
    mounts: ['sda mounted at /data'],
    isRead: true,
  };
  expect(await said(held)).toEqual([
    'error: telescope would write to it, and it has sda mounted at /data, ext4, sda1 (part)',
  ]);
  const own: Look = { is: 'device', signatures: ['ceph_bluestore'], parts: [], mounts: [], isRead: true };
  expect(await said(own, { content: ['ceph_bluestore'] })).toEqual(['ok: for telescope']);
  expect(await said(own)).toEqual(['error: telescope would write to it, and it has ceph_bluestore']);
  const volumes: Look = { ...own, signatures: ['LVM2_member'], parts: ['osd-1 (lvm)'] };
  expect(await said(volumes, { content: ['LVM2_member'] })).toEqual(['ok: for telescope']);
  expect(await said(held, {}, ['telescope'])).toEqual([]);
});

test("what only its owner may write to is root's to use, and of no use to others", async () => {
  const look: Look = { is: 'device', signatures: [], parts: [], mounts: [], isRead: true, isOwners: true };
  expect(await said(look)).toEqual(['ok: for telescope']);
  expect(await said(look, {}, [], '930:930')).toEqual([
    'error: only its owner may write to it, and telescope runs as a user of its own',
  ]);
});

test('a device that is not there is missed by whoever needs it', async () => {
  expect(await said({ is: 'absent' })).toEqual([
    'error: this machine does not have it, and telescope needs it',
  ]);
  expect(await said({ is: 'absent' }, { optional: true })).toEqual(['ok: not there; nobody needs it']);
  expect(await said({ is: 'something else' })).toEqual([
    'error: is no block device, and telescope needs one',
  ]);
});

test('what cannot be read is no proof that nothing is there', async () => {
  expect(await said({ is: 'device', signatures: [], parts: [], mounts: [], isRead: false })).toEqual([
    'warning: what is on it cannot be seen from here, and telescope writes to it',
  ]);
  expect(
    await said({ is: 'device', signatures: [], parts: [], mounts: ['sda mounted at /'], isRead: false }),
  ).toEqual(['error: telescope would write to it, and it has sda mounted at /']);
});

test('lsblk tells of signatures, and of what is made of a device', () => {
  const partitions = {
    name: 'sda',
    type: 'disk',
    fstype: null,
    pttype: 'gpt',
    mountpoint: null,
    children: [
      { name: 'sda1', type: 'part', fstype: 'ext4', pttype: 'gpt', mountpoint: '/' },
      { name: 'sda2', type: 'part', fstype: null, pttype: 'gpt', mountpoint: null },
    ],
  };
  expect(parseLsblk(JSON.stringify({ blockdevices: [partitions] }))).toEqual({
    signatures: ['gpt'],
    parts: ['sda1 (ext4)', 'sda2 (part)'],
    mounts: ['sda1 mounted at /'],
  });
  const blank = { name: 'sdb', type: 'disk', fstype: null, pttype: null, mountpoint: null };
  expect(parseLsblk(JSON.stringify({ blockdevices: [blank] }))).toEqual({
    signatures: [],
    parts: [],
    mounts: [],
  });
});
