import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { putFiles } from '../../engines/docker/files.ts';
import { labelled, networkName } from '../../engines/docker/labels.ts';
import type { Process } from '../../src/model/workload.ts';
import {
  client,
  cloud,
  desiredOf,
  engine,
  identity,
  output,
  reference,
  Session,
  useDockerCloud,
} from './docker-cloud.ts';
import { failure, file, forever, processOf } from './workloads.ts';

useDockerCloud();

describe('Docker Engine', () => {
  test('networks and volumes are made once, and are seen', async () => {
    const session = new Session(desiredOf([]));
    for (const network of session.desired.networks) {
      await session.run('network.create', { network });
      await session.run('network.create', { network });
    }
    await session.run('volume.create', { volume: 'ledger' });
    const observed = await session.observe();
    expect(observed.networks.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'external', subnet: '10.213.29.0/24', nat: true },
      { name: 'internal', subnet: '10.213.28.0/24', nat: true },
    ]);
    expect(observed.volumes).toEqual(['ledger']);
    expect(observed.images).toContain(reference);
    expect(observed.ledger).toBeUndefined();
  });

  test('a volume may be a directory of the machine: it stays there, and is emptied when the volume goes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gantry-volume-'));
    const cloudWith = (place: string) => {
      const writer = processOf('writer', `echo kept > /data/file; ${forever}`, {
        user: '0:0',
        volumes: [{ volume: 'disk', path: '/data', directory: place }],
      });
      return { ...desiredOf([writer]), volumes: ['ledger', 'disk'] };
    };
    const session = new Session(cloudWith(directory));
    try {
      await session.run('volume.create', { volume: 'disk' });
      await session.up(session.desired.processes[0] as Process);
      expect(await readFile(join(directory, 'file'), 'utf8')).toBe('kept\n');
      const moved = await failure(engine.plan(cloudWith('/srv/elsewhere'), {}));
      expect(moved).toMatchObject({ code: 'volume.elsewhere' });
    } finally {
      const { id: instance } = await session.instance('writer');
      await session.run('instance.remove', { instance, graceSeconds: 1 });
      await session.run('volume.remove', { volume: 'disk' });
    }
    expect(await readdir(directory)).toEqual([]);
    expect((await session.observe()).volumes).toEqual(['ledger']);
    await rm(directory, { recursive: true });
  });

  test('addresses of a network leave the machine as they are where they are not to be translated', async () => {
    const subnet = '10.213.30.0/24';
    const network = { name: 'routed', role: 'external', subnet, gateway: '10.213.30.1' } as const;
    // A bridge is named by the first letters of its cloud, and this suite's has its external one already.
    const session = new Session({ ...desiredOf([]), cloud: `routed${process.pid}`, networks: [network] });
    const rules = async () =>
      (await promisify(execFile)('iptables', ['-t', 'nat', '-S', 'POSTROUTING'])).stdout;
    try {
      await session.run('network.create', { network });
      expect(await rules()).toContain(subnet);
      await session.run('network.remove', { name: 'routed' });
      await session.run('network.create', { network: { ...network, nat: false } });
      expect((await session.observe()).networks).toEqual([{ name: 'routed', subnet, nat: false }]);
      expect(await rules()).not.toContain(subnet);
    } finally {
      await session.run('network.remove', { name: 'routed' });
    }
  });

  test('a process is ready as soon as its health check passes, long before its interval is over', async () => {
    const plain = processOf('late', `sleep 1; ${forever}`);
    const late = {
      ...plain,
      files: [file('/etc/gantry/late/late.conf', 'secret = s3cret\n', { uid: 913, secret: true })],
      health: { ...plain.health, intervalSeconds: 30 },
    };
    const session = new Session(desiredOf([late]));
    const started = Date.now();
    await session.up(late);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(session.waits).toContain('late: not yet');

    const observed = await session.instance('late');
    expect(observed).toMatchObject({
      state: 'running',
      health: 'healthy',
      identity: identity(late).identity,
      files: {},
    });
    expect(observed.startedAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(await output('late', ['stat', '-c', '%a %u:%g', '/etc/gantry/late/late.conf'])).toBe(
      '440 913:913',
    );
    expect(await output('late', ['sh', '-c', 'touch /x'])).toContain('Read-only file system');
    const inspected = await client.docker.getContainer(observed.id).inspect();
    expect(JSON.stringify(inspected)).not.toContain('s3cret');
    await session.run('instance.remove', { instance: observed.id, graceSeconds: 1 });
  });

  test('a start that was interrupted is made good, and one that succeeded is not repeated', async () => {
    const app = processOf('app', forever, { files: [file('/etc/gantry/app.conf', 'a')] });
    const session = new Session(desiredOf([app]));
    const name = `${cloud}-app-0-${identity(app).identity.slice(0, 7)}`;
    await client.docker.createContainer({
      name,
      Image: reference,
      Cmd: ['true'],
      Labels: { 'org.gantry.cloud': cloud },
    });
    await session.up(app);
    const { id } = await session.instance('app');
    await session.up(app);
    expect((await session.instance('app')).id).toBe(id);
  });

  test('a changed file shows what it was', async () => {
    const changed = processOf('app', forever, { files: [file('/etc/gantry/app.conf', 'b')] });
    const instance = await new Session(desiredOf([changed])).instance('app');
    expect(instance.files).toEqual({ '/etc/gantry/app.conf': 'a' });
  });

  test('rolling: the new instance runs beside the old one under the same name', async () => {
    const changed = processOf('app', forever, {
      files: [file('/etc/gantry/app.conf', 'b')],
      update: 'rolling',
    });
    const session = new Session(desiredOf([changed]));
    const old = await session.instance('app');
    await session.up(changed);
    expect((await session.observe()).instances.filter((one) => one.workload === 'app')).toHaveLength(2);
    expect((await output('app', ['nslookup', 'app'])).match(/10\.213\.28\.\d+/g)?.length).toBeGreaterThan(1);
    const filters = labelled(cloud, { identity: identity(changed).identity });
    const [successor] = await client.docker.listContainers({ filters });
    const addresses = Object.values(successor?.NetworkSettings.Networks ?? {}).map((one) => one.IPAddress);
    expect(addresses, 'of the one that stays').toContain((await engine.connect(cloud, 'app', 80)).host);
    await session.run('instance.remove', { instance: old.id, graceSeconds: 1 });
    expect((await session.instance('app')).identity).toBe(identity(changed).identity);
  });

  test('reloadable files are taken up in place, the observation knows it, and a crash is survived as before', async () => {
    const served = (content: string) =>
      processOf('served', `trap 'cat /etc/gantry/keys/1 > /tmp/seen' HUP; ${forever}`, {
        files: [
          file('/etc/gantry/keys/1', content, { reloadable: true, secret: true }),
          file('/etc/gantry/fixed', 'fixed'),
        ],
        reload: { signal: 'SIGHUP' },
      });
    const before = served('one');
    const session = new Session(desiredOf([before]));
    await session.up(before);
    const { id } = await session.instance('served');

    const after = served('two');
    expect(identity(after).identity).toBe(identity(before).identity);
    const next = new Session(desiredOf([after]));
    expect((await next.instance('served')).files['/etc/gantry/keys/1']).toBe('one');
    await next.run('instance.reload', { process: after, ordinal: 0, instance: id });
    await expect.poll(() => output('served', ['cat', '/tmp/seen']), { timeout: 5000 }).toBe('two');
    const instance = await next.instance('served');
    expect(instance).toMatchObject({ id, files: {}, fileHashes: identity(after).fileHashes });

    const crashed = (await client.docker.getContainer(id).inspect()).State.Pid;
    process.kill(crashed, 'SIGKILL');
    const back = async () => {
      const { Running, Pid } = (await client.docker.getContainer(id).inspect()).State;
      return Running && Pid !== crashed;
    };
    await expect.poll(back, { timeout: 10_000 }).toBe(true);
    await next.run('instance.remove', { instance: id, graceSeconds: 1 });
  });

  test('a process that keeps exiting fails with its exit code and last lines', async () => {
    const broken = processOf('broken', 'echo "no such option: max_limt" >&2; exit 3');
    const session = new Session(desiredOf([broken]));
    const error = await failure(session.up(broken));
    expect(error.code).toBe('process.not-healthy');
    expect(error.message).toContain('code 3');
    expect(error.why).toContain('no such option: max_limt');
    const { id } = await session.instance('broken');
    await session.run('instance.remove', { instance: id, graceSeconds: 1 });
    await session.run('instance.remove', { instance: id, graceSeconds: 1 });
  });

  test('a stopped process is started again as it was', async () => {
    const session = new Session(desiredOf([]));
    const { id } = await session.instance('app');
    await client.docker.getContainer(id).stop({ t: 0 });
    expect(await session.instance('app')).toMatchObject({ state: 'exited', health: 'none' });
    await session.run('instance.restart', { instance: id });
    await session.run('instance.restart', { instance: id });
    expect((await session.instance('app')).state).toBe('running');
  });

  test('one that keeps stopping is started again at once, once what it lacked is there', async () => {
    const needy = processOf('needy', `test -e /etc/gantry/there || exit 4; ${forever}`);
    const session = new Session(desiredOf([needy]));
    expect((await failure(session.up(needy))).message).toContain('code 4');
    const { id } = await session.instance('needy');
    const container = client.docker.getContainer(id);
    expect((await container.inspect()).RestartCount).toBeGreaterThan(4);
    await putFiles(container, [{ path: '/etc/gantry/there', content: '', uid: 0, gid: 0, mode: 0o444 }]);
    await session.run('instance.restart', { instance: id });
    await session.run('instance.wait', { process: needy, ordinal: 0, identity: identity(needy) });
    expect(await session.instance('needy')).toMatchObject({ id, state: 'running' });
    await session.run('instance.remove', { instance: id, graceSeconds: 1 });
  });

  test('a port that is taken is said to be', async () => {
    const server = (name: string) =>
      processOf(name, forever, { ports: [{ name: 'http', port: 8080, publicPort: 39_080 }] });
    const session = new Session(desiredOf([server('first'), server('second')]));
    await session.up(server('first'));
    const error = await failure(session.up(server('second')));
    expect(error.code).toBe('docker.port-in-use');
    expect((await session.observe()).instances.some((one) => one.workload === 'second')).toBe(false);
  });

  test('a network that a container of another is on stays, and that container is named', async () => {
    const session = new Session(desiredOf([]));
    const name = `stranger-of-${cloud}`;
    const stranger = await client.docker.createContainer({
      name,
      Image: reference,
      Cmd: ['sh', '-c', forever],
      HostConfig: { NetworkMode: networkName(cloud, 'external') },
    });
    try {
      await stranger.start();
      const error = await failure(session.run('network.remove', { name: 'external' }));
      expect(error).toMatchObject({ code: 'docker.network-in-use', why: `${name} is still on it` });
      expect((await session.observe()).networks.map((network) => network.name)).toContain('external');
    } finally {
      await stranger.remove({ force: true });
    }
  });

  test('everything can be removed again', async () => {
    const session = new Session(desiredOf([]));
    for (const { id } of (await session.observe()).instances) {
      await session.run('instance.remove', { instance: id, graceSeconds: 0 });
    }
    for (const name of ['internal', 'external', 'internal']) await session.run('network.remove', { name });
    for (const volume of ['ledger', 'ledger']) await session.run('volume.remove', { volume });
    expect(await session.observe()).toMatchObject({ instances: [], networks: [], volumes: [] });
  });
});
