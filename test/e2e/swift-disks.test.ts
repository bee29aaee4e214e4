import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepState, lookWhenTestsFail } from './artifacts.ts';
import { ApiClient } from './client.ts';
import { Containers } from './containers.ts';
import { Gantry, waitUntil } from './gantry.ts';
import { put, readDevices, STORE, waitUntilWhole } from './objects.ts';
import { expectAnswered, expectDone } from './parts/cloud.ts';

/** How objects outlive the disks that they are on, on a real Docker Engine: replicators need minutes for that. */
const cloud = 'e2eswiftdisks';
/** As cloud.yaml has it, with these lines under storage.swift. */
const withSwift = (settings = '') => `services: {swift: true}\nstorage: {swift: {${settings}}}\n`;
/** Longest time until replicators have done their work, in milliseconds. */
const HEALED = 400_000;
const disks = ['swift-storage-1', 'swift-storage-2', 'swift-storage-3'];

let directory: string;
let gantry: Gantry;
let containers: Containers;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-e2e-swift-disks-'));
  gantry = new Gantry(cloud, directory);
  containers = await Containers.open(cloud);
  await gantry.configure(withSwift());
  await gantry.output('down', '--volumes', '--yes');
  await expectDone({ gantry }, 'up');
  await gantry.output('openstack', 'container', 'create', 'photos');
});

afterAll(async () => {
  await keepState(gantry);
  await gantry.output('down', '--volumes', '--yes');
  await rm(directory, { recursive: true });
});

lookWhenTestsFail(() => gantry);

/** How many objects the device of a storage process has. */
async function countObjects(process: string): Promise<number> {
  const files = ['find', '/srv/node/disk/objects', '-name', '*.data'];
  return (await gantry.output('exec', process, '--', ...files)).split('\n').length;
}

describe('disks of objects', () => {
  const names = Array.from({ length: 20 }, (_, index) => `/photos/while-${index}`);

  test('take what was written without them, once they are back', async () => {
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
    await containers.lose('swift-storage-2');
    await expectDone({ gantry }, 'up');
    await waitUntilWhole(gantry, disks, HEALED);
    await containers.kill('swift-storage-1');
    const api = await ApiClient.open(gantry);
    const list = await api.ask('GET', STORE, '/photos');
    expect(list.content.toString().split('\n')).toEqual(expect.arrayContaining(['first', 'while-19']));
    await containers.start('swift-storage-1');
    await containers.waitUntilHealthy(60_000);
  });

  test('are four, then three again, without a request that fails', async () => {
    const asking = (await ApiClient.open(gantry)).askAllTheTime(STORE, '/photos/while-1', '/healthcheck');
    await gantry.configure(withSwift('volumes: 4, minPartHours: 0'));
    await expectDone({ gantry }, 'up');
    await waitUntilWhole(gantry, [...disks, 'swift-storage-4'], HEALED);

    await gantry.configure(withSwift('volumes: 3, minPartHours: 0'));
    const early = await gantry.run('up');
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('swift-storage-4 still has partitions');

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
