import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from './client.ts';
import { waitUntil } from './gantry.ts';
import { useGroupCloud } from './group-cloud.ts';
import { runInMounts } from './namespaces.ts';
import { askForObject, put, readDevices, STORE, waitUntilWhole } from './objects.ts';
import { expectAnswered, expectDone, expectDoneWhileAsked } from './parts/cloud.ts';

/** How objects outlive the disks that they are on, on a real Docker Engine: replicators need minutes for that. */
const cloud = 'e2eswiftdisks';
/** As cloud.yaml has it, with these lines under storage.swift. */
const withSwift = (settings = '') => `services: {swift: true}\nstorage: {swift: {${settings}}}\n`;
/** Longest time until replicators have done their work, in milliseconds. */
const HEALED = 400_000;
const disks = ['swift-storage-1', 'swift-storage-2', 'swift-storage-3'];

const group = useGroupCloud(cloud, withSwift());

beforeAll(async () => {
  await group().gantry.output('openstack', 'container', 'create', 'photos');
});

/** How many objects the device of a storage process has. */
async function countObjects(process: string): Promise<number> {
  const files = ['find', '/srv/node/disk/objects', '-name', '*.data'];
  return (await group().gantry.output('exec', process, '--', ...files)).split('\n').length;
}

/** `gantry status` ends with 1 and says this, once the device has told of itself. */
async function expectTold(problem: string): Promise<void> {
  await waitUntil(`status that says "${problem}"`, 120_000, async () => {
    const { code, stdout, stderr } = await group().gantry.run('status');
    expect(`${stdout}${stderr}`).toContain(problem);
    expect(code).toBe(1);
    return true;
  });
}

/** A file of so many MiB as a block device with a file system. */
async function attachDisk(
  path: string,
  size: number,
): Promise<{ name: string; detach: () => Promise<void> }> {
  const run = promisify(execFile);
  await run('truncate', ['--size', `${size}M`, path]);
  await run('mkfs.ext4', ['-q', path]);
  const { stdout } = await run('losetup', ['--find', '--show', path]);
  const detach = async () => {
    await run('losetup', ['--detach', stdout.trim()]);
  };
  return { name: basename(stdout.trim()), detach };
}

describe('disks of objects', () => {
  const names = Array.from({ length: 20 }, (_, index) => `/photos/while-${index}`);

  test('take what was written without them, once they are back', async () => {
    const { gantry, containers } = group();
    const api = await ApiClient.open(gantry);
    expect(await put(api, '/photos/first', Buffer.from('first'))).toBe(201);
    await containers.kill('swift-storage-2');
    for (const name of names) expect(await put(api, name, Buffer.from(name)), name).toBe(201);
    for (const name of ['/photos/first', ...names]) {
      expect((await api.ask('GET', STORE, name)).status, name).toBe(200);
    }
    await containers.start('swift-storage-2');
    await waitUntil('as many objects on the one that was away', HEALED, async () => {
      const [there, here] = await Promise.all(['swift-storage-1', 'swift-storage-2'].map(countObjects));
      return there === here ? true : undefined;
    });
    const others = ['swift-storage-1', 'swift-storage-3'];
    for (const other of others) await containers.kill(other);
    try {
      const found = await Promise.all(names.map((name) => api.ask('GET', STORE, name)));
      expect(found.map(({ status, content }) => `${status} ${content}`)).toEqual(
        names.map((name) => `200 ${name}`),
      );
    } finally {
      for (const other of others) await containers.start(other);
    }
    await containers.waitUntilHealthy(60_000);
  });

  test('that are lost with all that was on them are filled again, accounts and containers too', async () => {
    const { gantry, containers } = group();
    await containers.lose('swift-storage-2');
    await expectDone({ gantry }, 'up');
    await waitUntilWhole(gantry, disks, HEALED);
    const api = await ApiClient.open(gantry);
    const list = async () => (await api.ask('GET', STORE, '/photos')).content.toString().trim().split('\n');
    // Any of the three gives it; what was written without one of them is in some of the lists only until they have met.
    await waitUntil('lists that are whole', HEALED, async () => {
      const lists = await Promise.all(Array.from({ length: 20 }, list));
      return lists.every(({ length }) => length === names.length + 1) ? true : undefined;
    });
    await containers.kill('swift-storage-1');
    try {
      expect(await list()).toEqual(expect.arrayContaining(['first', 'while-19']));
    } finally {
      await containers.start('swift-storage-1');
    }
    await containers.waitUntilHealthy(60_000);
  });

  test('that take no writes are told of, and nobody waits for them', async () => {
    const { gantry, containers } = group();
    const api = await ApiClient.open(gantry);
    const disk = '/srv/node/disk';
    const asRoot = (...command: string[]) => runInMounts(containers, 'swift-storage-3', command);
    // Files that are open for writing keep a mount from being made read-only: another one comes on top.
    await asRoot('mount', '--bind', disk, disk);
    try {
      await asRoot('mount', '-o', 'remount,bind,ro', disk);
      for (const name of ['/photos/ro-1', '/photos/ro-2', '/photos/ro-3']) {
        expect(await put(api, name, Buffer.from(name)), name).toBe(201);
        expect((await api.ask('GET', STORE, name)).content.toString()).toBe(name);
      }
      await expectTold('swift-storage-3: takes no writes');
    } finally {
      await asRoot('umount', '--lazy', disk);
    }
    await waitUntilWhole(gantry, disks, HEALED);
  });

  test('that are full are told of, give what they have, and nobody waits for them', async () => {
    const { gantry, containers, directory } = group();
    const api = await ApiClient.open(gantry);
    const disk = '/srv/node/disk';
    const asRoot = (script: string) => runInMounts(containers, 'swift-storage-3', ['sh', '-ec', script]);
    const small = await attachDisk(join(directory, 'small'), 32);
    const devices = '/run/swift/devices';
    try {
      await asRoot(
        `mkdir ${devices}; mount -t devtmpfs devices ${devices}; mount ${devices}/${small.name} ${disk}
        umount ${devices}; rmdir ${devices}; chown swift: ${disk}`,
      );
      expect(await put(api, '/photos/full-0', Buffer.from('/photos/full-0'))).toBe(201);
      await asRoot(`cat /dev/zero > ${disk}/filler || true`);
      for (const name of ['/photos/full-1', '/photos/full-2', '/photos/full-3'])
        expect(await put(api, name, Buffer.from(name)), name).toBe(201);
      for (const name of ['/photos/full-0', '/photos/full-1', '/photos/full-2', '/photos/full-3'])
        expect((await api.ask('GET', STORE, name)).content.toString()).toBe(name);
      await expectTold('swift-storage-3: full');
    } finally {
      await asRoot(`umount --lazy ${disk}`);
      await small.detach();
    }
    await waitUntilWhole(gantry, disks, HEALED);
  });

  test('with damaged bytes give none of them unnoticed, and are mended', async () => {
    const { gantry } = group();
    const api = await ApiClient.open(gantry);
    const content = Buffer.alloc(100_000, 'a');
    expect(await put(api, '/photos/damaged', content)).toBe(201);
    const onDisk = (script: string) =>
      gantry.output('exec', 'swift-storage-1', '--', 'sh', '-c', `cd /srv/node/disk && ${script}`);
    const path = (await onDisk("find objects -name '*.data' -size 100000c")).trim();
    const middle = `dd of=${path} bs=1 seek=50000 conv=notrunc`;
    await onDisk(`chmod u+w ${path}; printf b | ${middle} 2>/dev/null`);
    const sum = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');
    await waitUntil('the damaged copy out of the way', HEALED, async () => {
      const { status, headers, content: got } = await api.ask('GET', STORE, '/photos/damaged');
      expect(status).toBe(200);
      expect(sum(got) === headers.etag).toBe(got.equals(content));
      return (await onDisk('ls quarantined/objects 2>/dev/null || true')).trim() !== '' ? true : undefined;
    });
    await waitUntil('another copy in its place', HEALED, async () => {
      const found = await onDisk(`md5sum ${path} 2>/dev/null || true`);
      return found.startsWith(sum(content)) ? true : undefined;
    });
    await expectTold('swift-storage-1: 1 damaged in quarantine');
  });

  test('have policies: one copy, or fragments of which one may be away; none goes while it is in use', async () => {
    const { gantry, containers } = group();
    const policies = 'policies: {once: {index: 1, replicas: 1}, coded: {index: 2, erasureCoding: 2+1}}';
    await gantry.configure(withSwift(policies));
    await expectDoneWhileAsked(group(), await askForObject(group().gantry, '/photos/while-1'), 'up');
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
    for (const name of ['once', 'coded'])
      await gantry.output('openstack', 'container', 'create', `of-${name}`, '--storage-policy', name);
    const api = await ApiClient.open(gantry);
    const content = randomBytes(3 * 1024 * 1024);
    for (const name of ['/of-once/object', '/of-coded/object']) {
      expect(await put(api, name, content), name).toBe(201);
      expect((await api.ask('GET', STORE, name)).content.equals(content), name).toBe(true);
    }
    const partsOn = async (device: number) => {
      const find = ['find', '/srv/node/disk/objects-2', '-name', '*.data', '-size', '+1M'];
      const { stdout } = await gantry.run('exec', `swift-storage-${device}`, '--', ...find);
      return stdout.split('\n').filter(Boolean);
    };
    const parts = await Promise.all([1, 2, 3].map(partsOn));
    expect(parts.map(({ length }) => length)).toEqual([1, 1, 1]);

    await containers.kill('swift-storage-2');
    const { status, content: found } = await api.ask('GET', STORE, '/of-coded/object');
    await containers.start('swift-storage-2');
    await containers.waitUntilHealthy(60_000);
    expect(status).toBe(200);
    expect(found.equals(content)).toBe(true);
    // The fragment is made again of the others, where it is lost.
    await gantry.output('exec', 'swift-storage-2', '--', 'rm', '-r', '/srv/node/disk/objects-2');
    await waitUntil('the fragment back', 240_000, async () =>
      (await partsOn(2)).length === 1 ? true : undefined,
    );

    await gantry.configure(withSwift('policies: {once: {index: 2, replicas: 1}}'));
    expect((await gantry.run('plan')).stderr).toContain('object-2 is for fragments 2+1, not for copies');
    await gantry.configure(withSwift());
    for (const command of ['plan', 'up']) {
      const early = await gantry.run(command);
      expect(early.code, command).toBe(1);
      expect(early.stderr, command).toMatch(/the policy with index [12] is in use/);
    }
    for (const name of ['once', 'coded'])
      await gantry.output('openstack', 'container', 'delete', '--recursive', `of-${name}`);
    await gantry.configure(withSwift());
    await waitUntil('policies that are not in use', 120_000, async () =>
      (await gantry.run('plan')).code === 0 ? true : undefined,
    );
    await expectDoneWhileAsked(group(), await askForObject(group().gantry, '/photos/while-1'), 'up');
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  });

  test('are four, then three again, without a request that fails', async () => {
    const { gantry, containers } = group();
    const asking = await askForObject(group().gantry, '/photos/while-1');
    await gantry.configure(withSwift('volumes: 4, minPartHours: 0'));
    const { stdout } = await gantry.run('plan');
    expect(stdout).toMatch(/swift-rings .*swift-storage-4 is new.*up to [\d.]+ % of partitions move/);
    await expectDone({ gantry }, 'up');
    await waitUntilWhole(gantry, [...disks, 'swift-storage-4'], HEALED);

    await gantry.configure(withSwift('volumes: 3, minPartHours: 0'));
    const early = await gantry.run('up');
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('swift-storage-4 still has partitions');
    expect(await containers.identities()).toHaveProperty('swift-storage-4');

    await gantry.configure(withSwift('volumes: 4, drain: [4], minPartHours: 0'));
    await expectDone({ gantry }, 'up');
    await waitUntil('swift-storage-4 empty', HEALED, async () => {
      const last = (await readDevices(gantry)).find(({ id }) => id === 'swift-storage-4');
      return last?.held === 0 && last.belong === 0 && (last.age ?? 99) < 70 ? true : undefined;
    });
    await waitUntilWhole(gantry, disks, HEALED);
    await gantry.configure(withSwift('volumes: 3, minPartHours: 0'));
    await expectDone({ gantry }, 'up');
    expect((await readDevices(gantry)).map(({ id }) => id)).toEqual(disks);
    expectAnswered(await asking.stop());
  });
});
