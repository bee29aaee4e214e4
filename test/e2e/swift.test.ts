import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiClient } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, testGroupChanges, useGroupCloud } from './group-cloud.ts';
import { askForObject, put, STORE, takeAndGiveBack } from './objects.ts';
import { expectDone } from './parts/cloud.ts';
import { tryImageUrls } from './parts/image-urls.ts';
import { testObjects } from './parts/objects.ts';

/** What Swift adds to a cloud, on a real Docker Engine; of disks that are lost, added and emptied see swift-disks. */
const cloud = 'e2eswift';
const withSwift = 'services: {swift: true}\n';
/** As cloud.yaml has it under storage.swift. */
const withSettings = (settings: string) => `${withSwift}storage: {swift: {${settings}}}\n`;

const group = useGroupCloud(cloud, withSwift);

describe('containers of objects', () => {
  const content = randomBytes(3 * 1024 * 1024);

  testComing(group);
  testChecks(group, 'objects');

  test('take an object by the client of OpenStack, and give it back', async () => {
    expect((await takeAndGiveBack(group(), content)).equals(content)).toBe(true);
  });

  test('keep an object with metadata within its limits, or refuse it alone', async () => {
    const { gantry } = group();
    const api = await ApiClient.open(gantry);
    const names = Array.from({ length: 30 }, (_, index) => `x-object-meta-${index}`);
    const headers = Object.fromEntries(names.map((name) => [name, 'a'.repeat(128)]));
    await api.ask('PUT', STORE, '/photos/described', { body: 'x', headers });
    expect(await put(api, '/photos/next', Buffer.from('next'))).toBe(201);
  });

  testObjects(group);

  test('are written and read while one of three volumes is away', async () => {
    const { gantry, containers } = group();
    const api = await ApiClient.open(gantry);
    await containers.kill('swift-storage-2');
    try {
      for (const name of ['/photos/away-1', '/photos/away-2', '/photos/away-3']) {
        expect(await put(api, name, Buffer.from(name)), name).toBe(201);
        expect((await api.ask('GET', STORE, name)).content.toString()).toBe(name);
      }
      expect((await api.ask('GET', STORE, '/photos/first')).status).toBe(200);
    } finally {
      await containers.start('swift-storage-2');
    }
    await containers.waitUntilHealthy(60_000);
  });

  test('are encrypted from when that is said, and readable before and after', async () => {
    const { gantry } = group();
    const api = await ApiClient.open(gantry);
    const [plain, secret] = ['a text to be seen', 'a text that nobody sees'];
    expect(await put(api, '/photos/plain', Buffer.from(plain))).toBe(201);
    await gantry.configure(withSettings('encryption: true'));
    await expectDone({ gantry }, 'up');
    expect(await put(api, '/photos/secret', Buffer.from(secret))).toBe(201);
    const onDisk = (text: string) =>
      gantry.run('exec', 'swift-storage-1', '--', 'grep', '-rqF', text, '/srv/node').then(({ code }) => code);
    expect([await onDisk(plain), await onDisk(secret)]).toEqual([0, 1]);
    await gantry.configure(withSwift);
    const { stderr } = await expectDone({ gantry }, 'up');
    expect(stderr).not.toContain('swift-storage');
    for (const [name, text] of Object.entries({ plain, secret })) {
      const { status, content } = await api.ask('GET', STORE, `/photos/${name}`);
      expect(`${status} ${content}`).toBe(`200 ${text}`);
    }
  });

  test('keep images of servers, which are there as long as something is in them', async () => {
    const { gantry, directory } = group();
    const openstack = (...words: string[]) => gantry.output('openstack', ...words);
    const [source, copy] = [join(directory, 'disk'), join(directory, 'copy')];
    await writeFile(source, content);
    const image = ['image', 'create', '--disk-format', 'raw', '--container-format', 'bare', '--file', source];
    await openstack(...image, 'before');
    await gantry.configure(`${withSwift}images: {stores: [files, swift], defaultStore: swift}\n`);
    await expectDone({ gantry }, 'up');
    await openstack(...image, 'after');
    const storesOf = (name: string) =>
      openstack('image', 'show', name, '-f', 'json').then((text) => JSON.parse(text).properties.stores);
    expect([await storesOf('before'), await storesOf('after')]).toEqual(['files', 'swift']);
    for (const name of ['before', 'after']) {
      await openstack('image', 'save', name, '--file', copy);
      expect((await readFile(copy)).equals(content), name).toBe(true);
    }
    await tryImageUrls({ gantry, directory, elsewhere: 'before' });

    await gantry.configure(withSwift);
    const noKeys = await gantry.run('rotate', 'image-urls', '--yes');
    expect([noKeys.code, noKeys.stderr]).toEqual([1, expect.stringContaining('images.stores')]);
    const early = await gantry.run('up');
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('after (swift)');
    expect(await storesOf('after')).toBe('swift');
    await openstack('image', 'import', 'after', '--method', 'copy-image', '--store', 'files');
    await waitUntil('a copy in the other store', 60_000, async () =>
      (await storesOf('after')).split(',').includes('files') ? true : undefined,
    );
    await expectDone({ gantry }, 'up');
    await openstack('image', 'save', 'after', '--file', copy);
    expect((await readFile(copy)).equals(content)).toBe(true);
  });

  testGroupChanges(group, withSwift, {
    option: {
      lines: 'config: {proxy-server.conf: {"app:proxy-server": {node_timeout: 15}}}\n',
      replaces: ['swift-proxy'],
    },
    rotated: 'swift',
    ask: () => askForObject(group().gantry, '/photos/first'),
  });

  test('are kept over the loss of every container', async () => {
    const { gantry } = group();
    await expectDone({ gantry }, 'down', '--yes');
    await expectDone({ gantry }, 'up');
    const api = await ApiClient.open(gantry);
    const { status, content: found } = await api.ask('GET', STORE, '/photos/first');
    expect(status).toBe(200);
    expect(found.equals(content)).toBe(true);
  });

  testGoing(group);
});
