import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDockerClient, type DockerClient } from '../../engines/docker/client.ts';
import { findImage, loadImageGraph } from '../../src/images/graph.ts';
import { projectRoot } from '../../src/root.ts';
import { ApiClient } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, testGroupChanges, useGroupCloud } from './group-cloud.ts';
import { STORE } from './objects.ts';
import { expectDone } from './parts/cloud.ts';
import { RegistryClient, sha256 } from './registry-client.ts';
import { startRegistryElsewhere } from './registry-elsewhere.ts';
import { importTinyImage } from './tiny-image.ts';

/** The registry for users' container images, kept in Swift, on a real Docker Engine with two of its processes. */
const cloud = 'e2eregistry';
const withRegistry = 'services: {swift: true, registry: true}\nreplicas: {registry-server: 2}\n';
const host = '127.0.0.1:4999';

const group = useGroupCloud(cloud, withRegistry);

let engine: DockerClient;
let registry: RegistryClient;

beforeAll(async () => {
  engine = await createDockerClient(process.env);
  registry = await RegistryClient.open(group().gantry);
});

afterAll(async () => {
  await registry?.close();
  if (!engine) return;
  const { docker } = engine;
  const own = await docker.listImages({ filters: { reference: [`${host}/*`] } });
  for (const { Id } of own) await docker.getImage(Id).remove({ force: true });
});

const account = () => ({ username: 'gantry', password: registry.password, serveraddress: host });

/** Has the engine send or take an image; throws what the registry said. */
async function follow(stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    engine.docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve())),
  );
}

async function push(name: string): Promise<void> {
  await follow(await engine.docker.getImage(`${host}/${name}`).push({ authconfig: account() }));
}

/** Takes an image that the engine does not have; resolves to its id, which all its content follows from. */
async function pull(name: string): Promise<string> {
  await engine.docker.getImage(`${host}/${name}`).remove({ force: true });
  await follow(await engine.docker.pull(`${host}/${name}`, { authconfig: account() }));
  return (await engine.docker.getImage(`${host}/${name}`).inspect()).Id;
}

const idOf = async (name: string) => (await engine.docker.getImage(`${host}/${name}`).inspect()).Id;

describe('images of containers in Swift', () => {
  testComing(group);
  testChecks(group, 'container images');

  test('are for those who know the password, with which clients are logged in', async () => {
    const { gantry, directory } = group();
    expect((await registry.ask('GET', '/v2/')).status).toBe(200);
    expect((await registry.ask('GET', '/v2/', { password: 'guess' })).status).toBe(401);
    // What clients do with what they are told: arguments, and the password by standard input.
    const client = join(directory, 'client');
    const heard = join(directory, 'heard');
    await writeFile(client, `#!/bin/sh\necho "$@" > ${heard}\ncat >> ${heard}\n`);
    await chmod(client, 0o755);
    await expectDone({ gantry }, 'registry', 'login', '--client', client);
    const [words, secret = ''] = (await readFile(heard, 'utf8')).split('\n');
    expect(words).toBe(`login --username gantry --password-stdin ${host}`);
    expect((await registry.ask('GET', '/v2/', { password: secret })).status).toBe(200);
    expect((await gantry.run('registry', 'login', '--client', 'no-such-client')).stderr).toContain(
      '--client',
    );
  });

  test('have the same bytes when all processes of the registry were lost', async () => {
    const { gantry, containers } = group();
    await importTinyImage(engine.docker, `${host}/tiny:1`);
    const id = await idOf('tiny:1');
    await push('tiny:1');
    const found = await registry.ask('GET', '/v2/tiny/manifests/1');
    for (const info of (await containers.inspect()).values()) {
      if (info.Name.includes('registry-server'))
        await engine.docker.getContainer(info.Id).remove({ force: true, v: true });
    }
    await expectDone({ gantry }, 'up');
    expect(await pull('tiny:1')).toBe(id);
    const { layers, config } = JSON.parse(found.content.toString()) as {
      layers: { digest: string }[];
      config: { digest: string };
    };
    for (const { digest } of [...layers, config]) {
      expect(sha256((await registry.ask('GET', `/v2/tiny/blobs/${digest}`)).content)).toBe(digest);
    }
    expect(sha256(found.content)).toBe(found.header('docker-content-digest'));
  });

  test('are given by a registry elsewhere, which may only read, and is told how by one command', async () => {
    const { gantry } = group();
    const digest = (await registry.ask('GET', '/v2/tiny/manifests/1')).header('docker-content-digest');
    const id = await idOf('tiny:1');
    const image = findImage(await loadImageGraph(projectRoot()), 'registry').reference;
    const elsewhere = await startRegistryElsewhere(engine.docker, { image, gantry });
    const client = registry.elsewhere(elsewhere.address);
    const pulled = `${elsewhere.address}/tiny@${digest}`;
    try {
      await waitUntil('a registry elsewhere', 30_000, async () =>
        (await client.ask('GET', '/v2/')).status === 200 ? true : undefined,
      );
      expect((await client.ask('GET', '/v2/', { password: 'guess' })).status).toBe(401);
      const authconfig = { ...account(), serveraddress: elsewhere.address };
      await follow(await engine.docker.pull(pulled, { authconfig }));
      expect((await engine.docker.getImage(pulled).inspect()).Id).toBe(id);
      expect((await client.ask('POST', '/v2/tiny/blobs/uploads/')).status).toBe(405);
    } finally {
      await elsewhere.remove();
      await client.close();
      await engine.docker.getImage(pulled).remove({ force: true });
    }
    const password = (await gantry.secrets()).find(({ name }) => name === 'registry-reader')?.value ?? '';
    const login = { username: 'registry-reader', password, project_name: 'registry' };
    const reader = await ApiClient.open(gantry, login);
    expect((await reader.ask('GET', STORE, '/registry')).status).toBe(200);
    expect((await reader.ask('PUT', STORE, '/registry/mine', { body: 'x' })).status).toBe(403);
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');
  });

  test('are taken though several bring the same layer at once, and one is cut off', async () => {
    const { containers } = group();
    const layer = randomBytes(24 * 1024 * 1024);
    const names = ['at-once-1', 'at-once-2', 'at-once-3', 'at-once-4'];
    await Promise.all(names.map((name) => registry.makeImage(name, '1', layer)));
    for (const name of names) {
      expect(sha256((await registry.ask('GET', `/v2/${name}/blobs/${sha256(layer)}`)).content), name).toBe(
        sha256(layer),
      );
    }

    const half = layer.length / 2;
    const content = randomBytes(layer.length);
    const first = await registry.ask('PATCH', await registry.begin('cut-off'), {
      body: content.subarray(0, half),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(first.status).toBe(202);
    for (const info of (await containers.inspect()).values()) {
      if (info.Name.includes('registry-server')) await engine.docker.getContainer(info.Id).restart();
    }
    await containers.waitUntilHealthy(60_000);
    const rest = await registry.ask('PATCH', first.header('location'), {
      body: content.subarray(half),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(rest.status).toBe(202);
    const end = await registry.ask('PUT', `${rest.header('location')}&digest=${sha256(content)}`);
    expect(end.status).toBe(201);
    expect(sha256((await registry.ask('GET', `/v2/cut-off/blobs/${sha256(content)}`)).content)).toBe(
      sha256(content),
    );
  });

  test('give their place back once deleted, while others are pulled and nobody pushes', async () => {
    const { gantry, containers } = group();
    const layer = randomBytes(8 * 1024 * 1024);
    const digest = await registry.makeImage('gone', '1', layer);
    expect((await registry.ask('DELETE', `/v2/gone/manifests/${digest}`)).status).toBe(202);
    await containers.kill('swift-storage-2');
    const early = await gantry.run('collect', 'image-layers', '--yes');
    await containers.start('swift-storage-2');
    await containers.waitUntilHealthy(60_000);
    expect(early.code).toBe(1);
    expect((await registry.ask('GET', `/v2/gone/blobs/${sha256(layer)}`)).status).toBe(200);

    const statuses = { pull: new Set<number>(), push: new Set<number>() };
    const collecting = gantry.run('collect', 'image-layers', '--yes');
    let ended = false;
    const asking = (async () => {
      while (!ended) {
        statuses.pull.add((await registry.ask('GET', '/v2/tiny/manifests/1')).status);
        statuses.push.add((await registry.ask('POST', '/v2/tiny/blobs/uploads/')).status);
      }
    })();
    const { code, stderr } = await collecting;
    ended = true;
    await asking;
    expect(code, stderr).toBe(0);
    expect([...statuses.pull]).toEqual([200]);
    expect([...statuses.push].sort()).toEqual([202, 405]);
    expect((await registry.ask('GET', `/v2/gone/blobs/${sha256(layer)}`)).status).toBe(404);
    await expectDone({ gantry }, 'plan', '--detailed-exitcode');

    await registry.makeImage('gone', '2', layer);
    expect(sha256((await registry.ask('GET', `/v2/gone/blobs/${sha256(layer)}`)).content)).toBe(
      sha256(layer),
    );
  });

  testGroupChanges(group, withRegistry, {
    option: { lines: 'registry: {readOnly: true}\n', replaces: ['registry-server'] },
    rotated: 'registry',
    ask: async () =>
      (await ApiClient.open(group().gantry)).askAllTheTime({
        type: 'container-registry',
        path: '/v2/tiny/manifests/1',
        headers: registry.headers(),
      }),
  });

  test('are refused without Swift, with what to set', async () => {
    const { gantry } = group();
    await gantry.configure('services: {registry: true}\n');
    const { code, stderr } = await gantry.run('plan');
    await gantry.configure(withRegistry);
    expect(code).toBe(65);
    expect(stderr).toContain('services.swift');
  });

  testGoing(group);
});
