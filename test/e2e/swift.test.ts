import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepState, lookWhenTestsFail } from './artifacts.ts';
import { ApiClient } from './client.ts';
import { Containers } from './containers.ts';
import { Gantry, waitUntil } from './gantry.ts';
import { expectDone, expectHealthy } from './parts/cloud.ts';

/** What Swift adds to a cloud, on a real Docker Engine. */
const cloud = 'e2eswift';
const withSwift = 'services: {swift: true}\n';
const STORE = 'object-store';

let directory: string;
let gantry: Gantry;
let containers: Containers;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-e2e-swift-'));
  gantry = new Gantry(cloud, directory);
  containers = await Containers.open(cloud);
  await gantry.configure(withSwift);
  await gantry.output('down', '--volumes', '--yes');
  await expectDone({ gantry }, 'up');
});

afterAll(async () => {
  await keepState(gantry);
  await gantry.output('down', '--volumes', '--yes');
  await rm(directory, { recursive: true });
});

lookWhenTestsFail(() => gantry);

/** Puts an object where the container is there. */
async function put(api: ApiClient, path: string, body: Buffer): Promise<number> {
  return (await api.ask('PUT', STORE, path, { body })).status;
}

describe('containers of objects', () => {
  const content = randomBytes(3 * 1024 * 1024);

  test('come with three lines of cloud.yaml, and a second up has nothing to do', async () => {
    await expectHealthy({ gantry });
    expect((await gantry.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  test('take an object by the client of OpenStack, and give it back', async () => {
    const [there, back] = [join(directory, 'there'), join(directory, 'back')];
    await writeFile(there, content);
    await gantry.output('openstack', 'container', 'create', 'photos');
    await gantry.output('openstack', 'object', 'create', 'photos', there, '--name', 'first');
    await gantry.output('openstack', 'object', 'save', 'photos', 'first', '--file', back);
    expect((await readFile(back)).equals(content)).toBe(true);
  });

  test('keep an object with metadata within its limits, or refuse it alone', async () => {
    const api = await ApiClient.open(gantry);
    const names = Array.from({ length: 30 }, (_, index) => `x-object-meta-${index}`);
    const headers = Object.fromEntries(names.map((name) => [name, 'a'.repeat(128)]));
    await api.ask('PUT', STORE, '/photos/described', { body: 'x', headers });
    expect(await put(api, '/photos/next', Buffer.from('next'))).toBe(201);
  });

  test('serve on while one of three is lost, and heal when it is back', async () => {
    const api = await ApiClient.open(gantry);
    await containers.kill('swift-storage-2');
    const names = Array.from({ length: 20 }, (_, index) => `/photos/while-${index}`);
    for (const name of names) expect(await put(api, name, Buffer.from(name)), name).toBe(201);
    for (const name of ['/photos/first', ...names]) {
      expect((await api.ask('GET', STORE, name)).status, name).toBe(200);
    }
    await containers.start('swift-storage-2');
    await containers.waitUntilHealthy(60_000);
    for (const other of ['swift-storage-1', 'swift-storage-3']) await containers.kill(other);
    const seen = await waitUntil('all objects on the one that was away', 240_000, async () => {
      const states = await Promise.all(names.map((name) => api.ask('GET', STORE, name)));
      return states.every(({ status }) => status === 200) ? states : undefined;
    }).finally(async () => {
      for (const other of ['swift-storage-1', 'swift-storage-3']) await containers.start(other);
    });
    expect(seen.map(({ content }) => content.toString())).toEqual(names);
    await containers.waitUntilHealthy(60_000);
  });

  test('are kept over the loss of every container', async () => {
    await expectDone({ gantry }, 'down', '--yes');
    await expectDone({ gantry }, 'up');
    const api = await ApiClient.open(gantry);
    const { status, content: found } = await api.ask('GET', STORE, '/photos/first');
    expect(status).toBe(200);
    expect(found.equals(content)).toBe(true);
  });
});
