import { describe, expect, test } from 'vitest';
import { ApiClient } from './client.ts';
import { askDatabase } from './database.ts';
import { testGoing, useGroupCloud } from './group-cloud.ts';
import { Secrets } from './keys.ts';
import { put, STORE } from './objects.ts';
import { expectDone } from './parts/cloud.ts';

/** Swift's key in Barbican, and a rotation of Barbican's own that cannot be finished, on a real Docker Engine. */
const cloud = 'e2ebarbicanswift';
const withSwift = (encryption: unknown) =>
  `services: {barbican: true, swift: true}\nstorage: {swift: {volumes: 1, encryption: ${encryption}}}\n`;
/** By object, how it is to be encrypted. */
const encryptions = new Map<string, unknown>([
  ['plain', false],
  ['by Gantry', true],
  ['by Barbican', 'barbican'],
  ['by Gantry again', true],
  ['by Barbican again', 'barbican'],
  ['not any more', false],
]);

const group = useGroupCloud(cloud, withSwift(false));
const secrets = new Secrets();

const pathOf = (object: string) => `/photos/${encodeURIComponent(object)}`;

async function expectObjects(objects: string[]): Promise<void> {
  const api = await ApiClient.open(group().gantry);
  for (const object of objects) {
    const { status, content } = await api.ask('GET', STORE, pathOf(object));
    expect(`${status} ${content}`).toBe(`200 what is ${object}`);
  }
}

/** Whether the bytes of an object stand on the disk as they are. */
async function isOnDisk(object: string): Promise<boolean> {
  const words = ['grep', '-rqF', `what is ${object}`, '/srv/node'];
  return (await group().gantry.run('exec', 'swift-storage-1', '--', ...words)).code === 0;
}

describe('a key that Barbican keeps', () => {
  test('encrypts objects of Swift in turns with that of Gantry, and all are readable', async () => {
    const { gantry } = group();
    const written: string[] = [];
    for (const [object, encryption] of encryptions) {
      await gantry.configure(withSwift(encryption));
      await expectDone({ gantry }, 'up');
      const api = await ApiClient.open(gantry);
      await api.ask('PUT', STORE, '/photos');
      expect(await put(api, pathOf(object), Buffer.from(`what is ${object}`))).toBe(201);
      expect(await isOnDisk(object), object).toBe(encryption === false);
      written.push(object);
      await expectObjects(written);
    }
  });

  test('is made once, found again where Swift has forgotten it, and read with a new password', async () => {
    const { gantry } = group();
    await gantry.configure(withSwift('barbican'));
    await expectDone({ gantry }, 'up');
    const before = await askDatabase(gantry, 'SELECT secret FROM swift.root_keys');
    await askDatabase(gantry, 'DELETE FROM swift.root_keys');
    await expectDone({ gantry }, 'rotate', 'passwords', 'swift', '--yes');
    expect(await askDatabase(gantry, 'SELECT secret FROM swift.root_keys')).toBe(before);
    const made = "SELECT COUNT(*) FROM barbican.secrets WHERE name = 'swift-root-key'";
    expect(await askDatabase(gantry, made)).toBe('1');
    await expectObjects([...encryptions.keys()]);
  });

  test('is readable in the end where a rotation could not be finished: nothing is dropped before', async () => {
    const { gantry } = group();
    await secrets.store(await ApiClient.open(gantry), 'of the project');
    const changeFirst = (to: string) =>
      askDatabase(gantry, `UPDATE barbican.kek_data SET plugin_meta = ${to} ORDER BY created_at, id LIMIT 1`);
    await changeFirst("CONCAT('x', plugin_meta)");
    const { code, stderr } = await gantry.run('rotate', 'kek', '--yes');
    await changeFirst('SUBSTRING(plugin_meta, 2)');
    expect(code).toBe(1);
    expect(stderr).toContain('the first key does not read 1 of');
    await secrets.expectAllReadable();
    await expectDone({ gantry }, 'rotate', 'kek', '--yes');
    await secrets.expectAllReadable();
  });

  test('is still that of all objects when every container was lost', async () => {
    const { gantry } = group();
    await gantry.configure(withSwift(false));
    await expectDone({ gantry }, 'down', '--yes');
    await expectDone({ gantry }, 'up');
    await expectObjects([...encryptions.keys()]);
  });

  test('is asked for before anything begins, where there is no Barbican', async () => {
    const { gantry } = group();
    const withoutBarbican = (encryption: unknown) =>
      withSwift(encryption).replace('barbican: true', 'barbican: false');
    await gantry.configure(withoutBarbican('barbican'));
    const asking = await gantry.run('plan');
    await gantry.configure(withoutBarbican(false));
    const needing = await gantry.run('up');
    await gantry.configure(withSwift(false));
    expect(asking.code).toBe(65);
    expect(asking.stderr).toContain('storage.swift.encryption');
    expect(asking.stderr).toContain('services.barbican');
    expect(needing.code).toBe(1);
    expect(needing.stderr).toContain('objects are encrypted by a key in Barbican');
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  });

  testGoing(group);
});
