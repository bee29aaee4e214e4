import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CinderDriver } from './driver.ts';
import { HOLDER_KEY, metadataOf } from './options.ts';
import { inOneLine } from './problem.ts';
import { type SimulatedServer, World } from './testing/world.ts';

const never = new AbortController().signal;
const ofDocker = { metadata: metadataOf({}) };
let directory: string;
let world: World;
let web: SimulatedServer;
let driver: CinderDriver;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-driver-'));
  world = new World();
  web = world.server('web');
  await mkdir(join(directory, 'web'));
  driver = await web.start(directory);
});
afterEach(() => rm(directory, { recursive: true }));

async function begin(
  server: SimulatedServer,
  using: CinderDriver,
  volume: string,
  id: string,
): Promise<void> {
  server.containers.set(id, { state: 'created', volume });
  await using.mount(volume, id, never);
  server.containers.set(id, { state: 'running', volume });
}

async function end(server: SimulatedServer, using: CinderDriver, volume: string, id: string): Promise<void> {
  server.containers.set(id, { state: 'exited', volume });
  await using.unmount(volume, id, never);
}

const problem = (work: Promise<unknown>): Promise<string> => work.then(() => '', inOneLine);

describe('a volume', () => {
  it('is made once, however often it is asked for', async () => {
    await driver.create('db', { size: '2' }, never);
    await driver.create('db', { size: '3' }, never);
    expect(world.only('db')).toMatchObject({ size: 2, metadata: { 'docker.driver': 'cinder' } });
    expect(await driver.get('db', never)).toMatchObject({
      Name: 'db',
      Mountpoint: '',
      Status: { status: 'available' },
    });
    expect((await driver.list(never)).map(({ Name }) => Name)).toEqual(['db']);
    await driver.remove('db', never);
    await driver.remove('db', never);
    expect(world.volumes.size).toBe(0);
  });

  it('is one, where two servers make it at once', async () => {
    const other = await world.server('other').start(directory);
    await Promise.all([driver.create('db', null, never), other.create('db', null, never)]);
    expect(world.only('db').name).toBe('db');
  });

  it('of somebody else is neither used nor removed', async () => {
    const { id } = world.add('db');
    expect(await problem(driver.create('db', null, never))).toContain(`not Docker's: ${id}`);
    expect(await problem(driver.mount('db', '1', never))).toContain('Cinder has no volume db');
    await driver.remove('db', never);
    expect(world.volumes.size).toBe(1);
  });

  it('that there is twice is used by nobody, and Docker makes none of its own instead', async () => {
    const ids = [world.add('db', ofDocker).id, world.add('db', ofDocker).id].join(', ');
    expect((await driver.get('db', never)).Status).toEqual({
      problem: `Cinder has 2 volumes db of Docker's: ${ids}: Rename one.`,
    });
    expect(await problem(driver.mount('db', '1', never))).toContain(ids);
    expect(await problem(driver.create('db', null, never))).toContain(ids);
  });

  it.each([
    [{ status: 'error' }, 'is in state error at Cinder'],
    [{ multiattach: true }, 'is of a type for several servers at once (multiattach)'],
    [{ content: { kind: 'other' as const, found: 'swap' } }, 'it holds swap: Nothing was changed.'],
  ])('that is %o is not mounted, and stays as it is', async (more, said) => {
    const volume = world.add('db', { ...ofDocker, ...more });
    const before = structuredClone(volume);
    expect(await problem(driver.mount('db', '1', never))).toContain(said);
    expect(volume).toEqual(before);
  });
});

describe('a mount', () => {
  beforeEach(() => driver.create('db', null, never));

  it('is there for as long as one container has it', async () => {
    await begin(web, driver, 'db', 'a');
    await begin(web, driver, 'db', 'b');
    expect(await driver.path('db')).toBe(join(directory, 'web', 'mounts', world.only('db').id, 'data'));
    expect(await problem(driver.remove('db', never))).toBe(
      'the volume db is attached to the server name-of-web',
    );
    await end(web, driver, 'db', 'a');
    expect(web.has('db')).toBe(true);
    await end(web, driver, 'db', 'b');
    expect(web.has('db')).toBe(false);
    expect(world.only('db').status).toBe('available');
    expect(await driver.path('db')).toBe('');
  });

  it('outlives docker cp, which asks and ends with the id of the container that runs', async () => {
    await begin(web, driver, 'db', 'a');
    await driver.mount('db', 'a', never);
    await driver.unmount('db', 'a', never);
    expect(web.has('db')).toBe(true);
    await end(web, driver, 'db', 'a');
    expect(world.only('db').status).toBe('available');
  });

  it('outlives a plugin that starts again, and what others asked of it before', async () => {
    await begin(web, driver, 'db', 'a');
    await driver.mount('db', 'b', never);
    const again = await web.start(directory);
    await end(web, again, 'db', 'a');
    expect(web.has('db')).toBe(true);
    web.containers.set('b', { state: 'running', volume: 'db' });
    world.now += 300_000;
    await again.tidy();
    expect(web.has('db')).toBe(true);
    await end(web, again, 'db', 'b');
    expect(world.only('db').status).toBe('available');
  });

  it('that Docker forgot to end is ended once nobody has it, and not before', async () => {
    await begin(web, driver, 'db', 'a');
    world.now += 300_000;
    await driver.tidy();
    expect(web.has('db')).toBe(true);
    web.containers.set('a', { state: 'exited', volume: 'db' });
    await driver.tidy();
    expect(world.only('db').status).toBe('available');
    await begin(web, driver, 'db', 'a');
    web.containers.set('a', { state: 'exited', volume: 'db' });
    await driver.tidy();
    expect(web.has('db')).toBe(true);
  });

  it('that somebody made by hand is left to them', async () => {
    const volume = world.only('db');
    Object.assign(volume, { status: 'in-use', attachments: [{ attachment_id: 'a', server_id: 'web' }] });
    world.now += 300_000;
    await driver.tidy();
    expect(volume.status).toBe('in-use');
  });

  it('is answered for while Cinder is away, and unknown names are held to be volumes', async () => {
    await begin(web, driver, 'db', 'a');
    world.isAway = true;
    expect((await driver.get('db', never)).Mountpoint).not.toBe('');
    expect((await driver.list(never)).map(({ Name }) => Name)).toEqual(['db']);
    expect((await driver.get('other', never)).Status?.problem).toContain('away');
    expect(world.now).toBeGreaterThanOrEqual(60_000);
    world.isAway = false;
    expect(await problem(driver.get('other', never))).toContain('Cinder has no volume other');
  });

  it('goes on with a file system that was cut off while it was made', async () => {
    web.cutsFormats = true;
    expect(await problem(driver.mount('db', 'a', never))).toBe('format');
    const volume = world.only('db');
    expect(volume).toMatchObject({ status: 'in-use', content: { kind: 'other' } });
    web.cutsFormats = false;
    await (await web.start(directory)).mount('db', 'a', never);
    expect(volume.content).toMatchObject({ kind: 'filesystem', uuid: volume.id });
  });

  it('does not, where others may have written there since', async () => {
    web.cutsFormats = true;
    expect(await problem(driver.mount('db', 'a', never))).toBe('format');
    const volume = world.only('db');
    web.cutsFormats = false;
    Object.assign(volume, { status: 'available', attachments: [] });
    world.now += 1000;
    const again = await web.start(directory);
    expect(await problem(again.mount('db', 'a', never))).toContain('data in its first MiB');
    expect(volume).toMatchObject({ status: 'available', content: { kind: 'other' } });
  });
});

describe('a volume that another server has', () => {
  let other: CinderDriver;
  let taking: CinderDriver;

  beforeEach(async () => {
    other = await world.server('other').start(directory);
    taking = await world.server('taking', true).start(directory);
    await driver.create('db', null, never);
    await begin(web, driver, 'db', 'app');
    web.write('db', 'kept');
  });

  it('stays there, and is told with who has it', async () => {
    expect(world.only('db').metadata[HOLDER_KEY]).toBe('container app');
    const said = 'the volume db is attached to the server name-of-web (web), used by container app';
    expect(await problem(other.mount('db', '1', never))).toContain(said);
    expect(await problem(taking.mount('db', '1', never))).toContain(`${said}, which is ACTIVE`);
    expect(web.read('db')).toBe('kept');
  });

  it('is taken where it may be and that server is off', async () => {
    web.stop();
    expect(await problem(other.mount('db', '1', never))).toContain('Stop what uses it there');
    await taking.mount('db', '1', never);
    expect(world.server('taking').read('db')).toBe('kept');
  });

  it('is taken from nobody whom Nova does not show', async () => {
    web.stop();
    world.servers.delete('web');
    expect(await problem(taking.mount('db', '1', never))).toContain('a server that Nova does not show (web)');
  });

  it('comes by itself once it is left', async () => {
    await end(web, driver, 'db', 'app');
    await other.mount('db', '1', never);
    expect(world.server('other').read('db')).toBe('kept');
  });
});

describe('two servers', () => {
  const step = fc.record({
    server: fc.constantFrom('one', 'two'),
    what: fc.constantFrom('start', 'stop', 'kill', 'restart plugin', 'tidy', 'copy'),
    container: fc.constantFrom('a', 'b'),
    lives: fc.nat(12),
  });

  it('never have a volume both, lose nothing that was written, and get along after each cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        world = new World();
        const base = await mkdtemp(join(directory, 'run-'));
        const drivers = new Map<string, CinderDriver>();
        for (const id of ['one', 'two']) {
          await mkdir(join(base, id), { recursive: true });
          drivers.set(id, await world.server(id).start(base));
        }
        const driverOf = (id: string) => drivers.get(id) as CinderDriver;
        await driverOf('one').create('db', null, never);
        let written = '';
        for (const [index, { server: id, what, container, lives }] of steps.entries()) {
          const server = world.server(id);
          const runs = server.containers.get(container)?.state === 'running';
          if (what === 'start' && !runs) {
            const said = await problem(begin(server, driverOf(id), 'db', container));
            if (said === '') {
              expect(server.read('db')).toBe(written);
              written = `${index}`;
              server.write('db', written);
            } else {
              expect(said).toMatch(/is attached to the server/);
              server.containers.delete(container);
            }
          }
          if (what === 'stop' && runs) await end(server, driverOf(id), 'db', container);
          // Docker says nothing of it.
          if (what === 'kill' && runs) server.containers.set(container, { state: 'exited', volume: 'db' });
          if (what === 'copy' && runs) {
            await driverOf(id).mount('db', container, never);
            await driverOf(id).unmount('db', container, never);
          }
          if (what === 'restart plugin') {
            const dying = await server.start(base, lives);
            await problem(runs ? dying.unmount('db', container, never) : dying.mount('db', 'dying', never));
            drivers.set(id, await server.start(base));
          }
          if (what === 'tidy') {
            world.now += 300_000;
            await driverOf(id).tidy();
          }
          const having = [...world.servers.values()].filter((one) => one.has('db'));
          expect(having.length).toBeLessThanOrEqual(1);
          for (const one of world.servers.values()) {
            const running = [...one.containers.values()].some(({ state }) => state === 'running');
            if (running) expect(one.read('db')).toBe(written);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
