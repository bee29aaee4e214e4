import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDockerClient, type DockerClient } from '../../engines/docker/client.ts';
import { createDockerEngine } from '../../engines/docker/engine.ts';
import { labelled } from '../../engines/docker/labels.ts';
import { GantryError } from '../../src/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Engine, Executors, StepContext } from '../../src/model/engine.ts';
import type { Observed, ObservedInstance } from '../../src/model/observed.ts';
import type { Job, Process, RenderedFile, Workload } from '../../src/model/workload.ts';
import { identityOf } from '../../src/plan/identity.ts';
import type { StepArgs, StepKind } from '../../src/plan/step.ts';
import { importTinyImage } from './tiny-image.ts';

const cloud = `gantrytest${process.pid}`;
const reference = `gantry-test/tiny:${cloud}`;
const image = 'tiny';

let client: DockerClient;
let engine: Engine;
let stateDirectory: string;

beforeAll(async () => {
  client = await createDockerClient(process.env);
  stateDirectory = await mkdtemp(join(tmpdir(), 'gantry-docker-engine-'));
  await importTinyImage(client.docker, reference);
  engine = createDockerEngine({
    client,
    buildImage: async () => {},
    runTask: async () => {},
    stateDirectory,
    clock: { now: Date.now, sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }) },
  });
});

afterAll(async () => {
  const { docker } = client;
  for (const info of await docker.listContainers({ all: true, filters: labelled(cloud) })) {
    await docker.getContainer(info.Id).remove({ v: true, force: true });
  }
  for (const network of await docker.listNetworks({ filters: labelled(cloud) })) {
    await docker.getNetwork(network.Id).remove();
  }
  const { Volumes: volumes } = await docker.listVolumes({ filters: labelled(cloud) });
  for (const volume of volumes) await docker.getVolume(volume.Name).remove();
  await docker.getImage(reference).remove({ force: true });
  await rm(stateDirectory, { recursive: true });
});

function file(path: string, content: string, more: Partial<RenderedFile> = {}): RenderedFile {
  return { path, content, mode: 0o440, uid: 913, gid: 913, secret: false, reloadable: false, ...more };
}

function processOf(name: string, script: string, more: Partial<Process> = {}): Process {
  return {
    kind: 'process',
    name,
    service: 'test',
    image,
    command: ['sh', '-c', script],
    user: '913:913',
    files: [],
    volumes: [],
    hostMounts: [],
    tmpfs: ['/tmp'],
    readOnlyRoot: true,
    needs: {},
    after: [],
    reaches: [],
    resources: {},
    replicas: 1,
    update: 'recreate',
    ports: [],
    health: {
      command: ['sh', '-c', 'test -e /tmp/ready || { echo not yet; exit 1; }'],
      intervalSeconds: 30,
      timeoutSeconds: 5,
      startSeconds: 20,
      retries: 3,
    },
    stop: { signal: 'SIGTERM', graceSeconds: 2 },
    aliases: [],
    ...more,
  };
}

function jobOf(name: string, script: string, more: Partial<Job> = {}): Job {
  const { replicas, update, ports, health, stop, aliases, kind, ...base } = processOf(name, script);
  return { ...base, kind: 'job', timeoutSeconds: 20, ...more };
}

const forever = 'touch /tmp/ready; while :; do sleep 0.2; done';
const keeper = processOf('keeper', forever, {
  user: '0:0',
  volumes: [{ volume: 'ledger', path: '/data' }],
});

function desiredOf(processes: Process[], jobs: Job[] = []): Desired {
  return {
    cloud,
    images: [{ name: image, hash: '', reference, parents: [] }],
    networks: [
      { name: 'internal', role: 'internal', subnet: '10.213.28.0/24', gateway: '10.213.28.1' },
      { name: 'external', role: 'external', subnet: '10.213.29.0/24', gateway: '10.213.29.1' },
    ],
    volumes: ['ledger'],
    processes,
    jobs,
    tasks: [],
    ledger: {
      process: 'keeper',
      user: '0:0',
      read: ['sh', '-c', 'cat /data/ledger 2>/dev/null; true'],
      record: ['sh', '-c', 'cat >> /data/ledger'],
    },
    publicAddress: '127.0.0.1',
  };
}

class Session {
  readonly waits: string[] = [];
  readonly abort = new AbortController();
  private readonly executors: Executors;

  constructor(readonly desired: Desired) {
    this.executors = engine.executors(desired);
  }

  async run<K extends StepKind>(kind: K, args: StepArgs[K]): Promise<void> {
    const context: StepContext = {
      signal: this.abort.signal,
      waiting: (reason) => this.waits.push(reason),
      progress: () => {},
      log: () => {},
    };
    const step = {
      kind,
      args,
      id: kind,
      resource: '',
      group: '',
      cause: 'test',
      dependsOn: [],
      destroys: false,
    };
    await (this.executors[kind] as (step: unknown, context: StepContext) => Promise<void>)(step, context);
  }

  async up(process: Process, ordinal = 0): Promise<void> {
    await this.run('instance.start', { process, ordinal, identity: identity(process) });
    await this.run('instance.wait', { process, ordinal, identity: identity(process) });
  }

  observe(): Promise<Observed> {
    return engine.observe(this.desired);
  }

  async instance(process: string): Promise<ObservedInstance> {
    const { instances } = await this.observe();
    const found = instances.filter((instance) => instance.workload === process);
    expect(found, process).toHaveLength(1);
    return found[0] as ObservedInstance;
  }
}

function identity(workload: Workload): string {
  return identityOf(workload, reference).identity;
}

async function output(process: string, command: string[], stdin?: string): Promise<string> {
  let text = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const code = await engine.exec(cloud, process, command, {
    stdout,
    stderr: stdout,
    ...(stdin ? { stdin } : {}),
  });
  return `${text.trim()}${code === 0 ? '' : ` (exit code ${code})`}`.trim();
}

async function runOnce(desired: Desired, job: Job, signal?: AbortSignal) {
  const written: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const sink = (chunks: Buffer[]) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    });
  const code = await engine.runOnce(desired, job, {
    stdout: sink(written.stdout),
    stderr: sink(written.stderr),
    ...(signal ? { signal } : {}),
  });
  return { code, stdout: Buffer.concat(written.stdout), stderr: Buffer.concat(written.stderr) };
}

async function failure(promise: Promise<unknown>): Promise<GantryError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(GantryError);
  return thrown as GantryError;
}

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
    const late = processOf('late', `sleep 1; ${forever}`, {
      files: [file('/etc/gantry/late/late.conf', 'secret = s3cret\n', { secret: true })],
    });
    const session = new Session(desiredOf([late]));
    const started = Date.now();
    await session.up(late);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(session.waits).toContain('late: not yet');

    const observed = await session.instance('late');
    expect(observed).toMatchObject({
      state: 'running',
      health: 'healthy',
      identity: identity(late),
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
    const name = `${cloud}-app-0-${identity(app).slice(0, 7)}`;
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
    const filters = labelled(cloud, { identity: identity(changed) });
    const [successor] = await client.docker.listContainers({ filters });
    const addresses = Object.values(successor?.NetworkSettings.Networks ?? {}).map((one) => one.IPAddress);
    expect(addresses, 'of the one that stays').toContain((await engine.connect(cloud, 'app', 80)).host);
    await session.run('instance.remove', { instance: old.id, graceSeconds: 1 });
    expect((await session.instance('app')).identity).toBe(identity(changed));
  });

  test('reloadable files are taken up in place, and the observation knows it', async () => {
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
    expect(identity(after)).toBe(identity(before));
    const next = new Session(desiredOf([after]));
    expect((await next.instance('served')).files['/etc/gantry/keys/1']).toBe('one');
    await next.run('instance.reload', { process: after, ordinal: 0, instance: id });
    await expect.poll(() => output('served', ['cat', '/tmp/seen']), { timeout: 5000 }).toBe('two');
    const instance = await next.instance('served');
    expect(instance).toMatchObject({ id, files: {}, fileHashes: identityOf(after, reference).fileHashes });
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

  test('a job leaves its record and nothing else; side by side they record one after the other', async () => {
    const jobs = ['one', 'two', 'three'].map((name) => jobOf(name, `echo ${name}`));
    const session = new Session(desiredOf([keeper], jobs));
    await session.up(keeper);
    await Promise.all(jobs.map((job) => session.run('job.run', { job, identity: identity(job) })));
    const { ledger, instances } = await session.observe();
    expect(ledger).toEqual(Object.fromEntries(jobs.map((job) => [job.name, identity(job)])));
    expect(instances.filter((instance) => instance.kind === 'job')).toEqual([]);
  });

  test('a failed job says why, keeps its output as a file and leaves no container', async () => {
    const job = jobOf('sync', 'echo "cannot reach database"; exit 7');
    const session = new Session(desiredOf([keeper], [job]));
    const error = await failure(session.run('job.run', { job, identity: identity(job) }));
    expect(error.message).toBe('Job sync failed: exit code 7');
    expect(error.why).toBe('cannot reach database');
    expect(await readdir(join(stateDirectory, 'logs'))).toEqual(['sync.log']);
    const { ledger, instances } = await session.observe();
    expect(ledger).not.toHaveProperty('sync');
    expect(instances.filter((instance) => instance.kind === 'job')).toEqual([]);
  });

  test('a job over its time fails; an interrupted one is taken over by the next run', async () => {
    const endless = jobOf('endless', 'sleep 100', { timeoutSeconds: 1 });
    const slow = jobOf('slow', 'sleep 2; echo done > /data/slow; chmod 666 /data/slow', {
      user: '0:0',
      volumes: [{ volume: 'ledger', path: '/data' }],
    });
    const session = new Session(desiredOf([keeper], [endless, slow]));
    const error = await failure(session.run('job.run', { job: endless, identity: identity(endless) }));
    expect(error.message).toBe('Job endless failed: not done after 1 s');

    const interrupted = session.run('job.run', { job: slow, identity: identity(slow) });
    const rejected = expect(interrupted).rejects.toThrow();
    await expect
      .poll(async () => (await session.observe()).instances.some((one) => one.workload === 'slow'))
      .toBe(true);
    session.abort.abort();
    await rejected;
    const { id } = await session.instance('slow');
    const next = new Session(session.desired);
    await next.run('job.run', { job: slow, identity: identity(slow) });
    expect((await next.observe()).ledger).toHaveProperty('slow', identity(slow));
    expect(await output('keeper', ['cat', '/data/slow'])).toBe('done');
    await expect(client.docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('a job that is run once gives its output as it is and its exit code, and leaves nothing', async () => {
    const desired = desiredOf([keeper]);
    const once = (job: Job, signal?: AbortSignal) => runOnce(desired, job, signal);
    const files = [file('/etc/gantry/greeting', 'hello')];
    const script = "cat /etc/gantry/greeting; printf '\\263\\000\\377'; echo bad >&2; exit 3";
    const result = await once(jobOf('once', script, { files }));
    expect(result).toEqual({
      code: 3,
      stdout: Buffer.concat([Buffer.from('hello'), Buffer.from([0o263, 0, 0o377])]),
      stderr: Buffer.from('bad\n'),
    });

    const late = await failure(once(jobOf('once', 'sleep 100', { timeoutSeconds: 1 })));
    expect(late).toMatchObject({ code: 'job.timeout', message: 'once did not end within 1 s' });

    const abort = new AbortController();
    const interrupted = expect(once(jobOf('once', 'sleep 100'), abort.signal)).rejects.toThrow('enough');
    const running = async () =>
      (await engine.observe(desired)).instances.some((one) => one.workload === 'once');
    await expect.poll(running).toBe(true);
    abort.abort(new Error('enough'));
    await interrupted;
    expect(await running()).toBe(false);
  });

  test('a process on the node reaches one on the network by name, at an address that stays', async () => {
    const script = `mkdir /tmp/www; echo hello > /tmp/www/index.html; touch /tmp/ready; exec httpd -f -p 8080 -h /tmp/www`;
    const web = processOf('web', script, { needs: { reachableFromNode: true }, aliases: ['www'] });
    const agent = processOf('agent', forever, { needs: { hostNetwork: true } });
    const session = new Session(desiredOf([web, agent]));
    await Promise.all([session.up(web), session.up(agent)]);
    expect(await output('agent', ['wget', '-qO-', 'http://www:8080/'])).toBe('hello');
    const connection = await engine.connect(cloud, 'web', 8080);
    expect(await (await fetch(`http://${connection.host}:${connection.port}/`)).text()).toBe('hello\n');

    await session.run('instance.remove', { instance: (await session.instance('web')).id, graceSeconds: 1 });
    await new Session(session.desired).up(web);
    expect((await engine.connect(cloud, 'web', 8080)).host).toBe(connection.host);
    expect(await output('agent', ['wget', '-qO-', 'http://web:8080/'])).toBe('hello');
  });

  test('a process that makes network namespaces sets their sysctls, and the node sees what it mounts', async () => {
    const shared = join('/run', `${cloud}-shared`);
    const router = processOf('router', forever, {
      user: '0:0',
      hostMounts: [{ hostPath: shared, path: shared, propagation: 'shared' }],
      needs: { capabilities: ['SYS_ADMIN', 'NET_ADMIN'] },
    });
    const script = 'mount -t sysfs sysfs /sys && echo 1 > /proc/sys/net/ipv4/ip_forward && ip link set lo up';
    try {
      await new Session(desiredOf([router])).up(router);
      expect(await output('router', ['unshare', '-n', '-m', 'sh', '-c', script])).toBe('');
      expect(
        await output('router', ['sh', '-c', `mkdir ${shared}/in && mount -t tmpfs in ${shared}/in`]),
      ).toBe('');
      expect(await readFile('/proc/self/mountinfo', 'utf8')).toContain(`${shared}/in `);
    } finally {
      await promisify(execFile)('sh', ['-c', `umount ${shared}/in; umount ${shared}; rm -r ${shared}`]);
    }
  });

  test('exec passes input, output and the exit code; an unknown process names the nearest', async () => {
    expect(await output('keeper', ['cat'], 'typed')).toBe('typed');
    expect(await output('keeper', ['sh', '-c', 'exit 5'])).toBe('(exit code 5)');
    let typed = '';
    const terminal = new Writable({
      write(chunk: Buffer, _encoding, done) {
        typed += chunk.toString();
        done();
      },
    });
    const script = 'sleep 0.5; stty size; read line; echo "got $line"; exit 4';
    const code = await engine.exec(cloud, 'keeper', ['sh', '-c', script], {
      tty: true,
      stdin: 'hello\n',
      stdout: Object.assign(terminal, { columns: 77, rows: 21 }),
    });
    expect(code).toBe(4);
    expect(typed).toContain('21 77\r\n');
    expect(typed).toContain('got hello\r\n');
    const error = await failure(output('keepr', ['true']));
    expect(error).toMatchObject({ code: 'process.unknown', next: 'Did you mean keeper?' });
  });

  test('logs come in the order of time, and follow what starts later', async () => {
    const talker = (text: string) => processOf('talker', `echo ${text}; ${forever}`);
    const lines: string[] = [];
    const abort = new AbortController();
    const first = new Session(desiredOf([talker('first')]));
    await first.up(talker('first'));
    const following = engine.logs(cloud, ['talker'], {
      follow: true,
      signal: abort.signal,
      onLine: ({ process, text }) => lines.push(`${process} ${text}`),
    });
    await expect.poll(() => lines, { timeout: 10_000 }).toEqual(['talker first']);
    await first.up(talker('second'));
    await expect.poll(() => lines, { timeout: 10_000 }).toEqual(['talker first', 'talker second']);
    const { id } = (await first.observe()).instances.find(
      (one) => one.identity === identity(talker('second')),
    ) as ObservedInstance;
    await client.docker.getContainer(id).restart({ t: 0 });
    await expect
      .poll(() => lines, { timeout: 10_000 })
      .toEqual(['talker first', 'talker second', 'talker second']);
    abort.abort();
    await following;

    const all: string[] = [];
    await engine.logs(cloud, ['talker'], { follow: false, onLine: ({ text }) => all.push(text) });
    expect(all).toEqual(['first', 'second', 'second']);
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
