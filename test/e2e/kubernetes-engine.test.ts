import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject, Pod, WorkloadObject } from '../../engines/kubernetes/api/objects.ts';
import type { Process } from '../../src/model/workload.ts';
import type { Step } from '../../src/plan/step.ts';
import { desiredOf, type TestCloud } from './kubernetes-cloud.ts';
import { openTinyCloud, type TinyCloud } from './tiny-cloud.ts';
import { failure, file, forever, jobOf, onceOf, outputOf, processOf } from './workloads.ts';

const name = `gantry-test-${process.pid}`;

let opened: TinyCloud;
let cloud: TestCloud;

function of(processes: Process[], jobs: Parameters<typeof desiredOf>[3] = []) {
  return desiredOf(name, opened.reference, processes, jobs);
}

beforeAll(async () => {
  opened = await openTinyCloud(name);
  cloud = opened.cloud;
});

afterAll(() => opened?.close());

async function read<T>(path: string): Promise<T> {
  return cloud.api.request<T>('GET', path.replace('NS', name));
}

/** The pods of a process; what has ended and is only waiting for its kubelet to forget it is none. */
async function podsOf(process: string): Promise<Pod[]> {
  const { items } = await read<{ items: Pod[] }>('/api/v1/namespaces/NS/pods');
  const runs = ({ status }: Pod) => status.containerStatuses?.some(({ state }) => state.running);
  return items
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === process)
    .filter((pod) => !pod.metadata.deletionTimestamp || runs(pod));
}

function output(process: string, command: string[], stdin?: string): Promise<string> {
  return outputOf(cloud.engine.exec, name, process, command, stdin);
}

const app = processOf('app', forever, {
  replicas: 2,
  update: 'rolling',
  files: [
    file('/etc/gantry/app/app.conf', '[DEFAULT]\nlevel = 1\npassword = hunter2\n', { secret: true }),
    file('/etc/gantry/app/grants', 'one\n', { reloadable: true }),
  ],
  reload: { command: ['sh', '-c', 'cat /etc/gantry/app/grants > /tmp/taken'] },
});

describe('Kubernetes', () => {
  test('a cloud comes up, and a second up has nothing to do', async () => {
    const desired = of([app]);
    const plan = await cloud.plan(desired);
    expect(plan.steps.filter(({ kind }) => kind === 'bundle.apply').map(({ cause }) => cause)).toEqual(
      Array(3).fill('new'),
    );
    await cloud.up(desired);
    expect(await cloud.pending(desired)).toEqual([]);

    const observed = await cloud.engine.observe(desired);
    expect(observed.instances.map(({ workload, ordinal, health }) => [workload, ordinal, health])).toEqual(
      expect.arrayContaining([
        ['keeper', 0, 'healthy'],
        ['app', 0, 'healthy'],
        ['app', 1, 'healthy'],
      ]),
    );
    expect(observed.ledger).toEqual({});
    expect(await output('app', ['stat', '-L', '-c', '%a %g', '/etc/gantry/app/app.conf'])).toBe('440 913');
    expect(JSON.stringify(await podsOf('app'))).not.toContain('hunter2');
  });

  test('commands get their input to its end, and give their exit code', async () => {
    expect(await output('app', ['cat'], 'some text\nand more\n')).toBe('some text\nand more');
    expect(await output('app', ['wc', '-c'], 'x'.repeat(100_000))).toBe('100000');
    expect(await output('app.1', ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toContain('(exit code 7)');
    expect((await failure(output('app', ['no-such-program']))).code).toBe('command.not-found');
    const unknown = await failure(output('ap', ['true']));
    expect(unknown.next).toBe('Did you mean app?');
    const user = await failure(cloud.engine.exec(name, 'app', ['id'], { user: '0:0' }));
    expect(user.code).toBe('kubernetes.exec-user');
  });

  test('a changed file makes new pods, and the old configuration goes', async () => {
    const [conf, grants] = app.files;
    const changed = {
      ...app,
      files: [{ ...conf, content: '[DEFAULT]\nlevel = 2\npassword = hunter2\n' }, grants],
    };
    const desired = of([changed as Process]);
    const plan = await cloud.plan(desired);
    const apply = plan.steps.find(({ id }) => id === 'bundle.apply app');
    expect(apply?.cause).toContain('[DEFAULT] level');
    expect(apply?.change).toBe('replace');
    await cloud.up(desired);
    expect(await cloud.pending(desired)).toEqual([]);
    const { items } = await read<{ items: KubeObject[] }>('/api/v1/namespaces/NS/secrets');
    expect(items.filter(({ metadata }) => metadata.name.startsWith('app-config-'))).toHaveLength(1);
    expect(await output('app', ['cat', '/etc/gantry/app/app.conf'])).toContain('level = 2');
    await cloud.up(of([app]));
  });

  test('a reloadable file is taken up by the pods that run', async () => {
    // One that was replaced before may still be on its way out.
    const staying = async () =>
      (await podsOf('app'))
        .filter(({ metadata }) => !metadata.deletionTimestamp)
        .map(({ metadata }) => metadata.uid)
        .sort();
    const before = await staying();
    expect(before).toHaveLength(2);
    const files = app.files.map((one) => (one.reloadable ? { ...one, content: 'two\n' } : one));
    const desired = of([{ ...app, files }]);
    await cloud.up(desired);
    expect(await staying()).toEqual(before);
    expect(await output('app.0', ['cat', '/tmp/taken'])).toBe('two');
    expect(await output('app.1', ['cat', '/tmp/taken'])).toBe('two');
    expect(await cloud.pending(desired)).toEqual([]);
    await cloud.up(of([app]));
  });

  test('a reload that was interrupted is still wanted', async () => {
    const files = app.files.map((one) => (one.reloadable ? { ...one, content: 'three\n' } : one));
    const desired = of([{ ...app, files }]);
    const plan = await cloud.plan(desired);
    const apply = plan.steps.find(({ id }) => id === 'bundle.apply app');
    const context = { signal: new AbortController().signal, waiting() {}, progress() {}, log() {} };
    await cloud.engine.executor(desired)(apply as Step, context);
    expect((await cloud.plan(desired)).steps.map(({ id }) => id)).toContain('bundle.reload app');
    await cloud.up(desired);
    expect(await cloud.pending(desired)).toEqual([]);
    await cloud.up(of([app]));
  });

  test('a field that somebody else set is shown with its owner, and taken over only by force', async () => {
    const path = `/apis/apps/v1/namespaces/${name}/deployments/app`;
    await cloud.api.request('PATCH', path, {
      query: { fieldManager: 'kubectl-edit' },
      body: { spec: { replicas: 3 } },
      contentType: 'application/merge-patch+json',
    });
    const desired = of([app]);
    const plan = await cloud.plan(desired);
    expect(plan.steps[0]?.cause).toContain('spec.replicas is claimed by kubectl-edit');
    const refused = await failure(cloud.up(desired));
    expect(refused).toMatchObject({ code: 'kubernetes.conflict', whose: 'user' });
    expect(refused.why).toContain('spec.replicas belongs to kubectl-edit');
    await cloud.up(desired, { force: true });
    expect((await read<WorkloadObject>('/apis/apps/v1/namespaces/NS/deployments/app')).spec.replicas).toBe(2);
    expect(await cloud.pending(desired)).toEqual([]);
  });

  test('jobs run once, are recorded and leave nothing behind', async () => {
    const job = jobOf('schema', 'echo made', { files: [file('/etc/gantry/schema.conf', 'x')] });
    const desired = of([app], [job]);
    await cloud.up(desired);
    expect((await cloud.engine.observe(desired)).ledger).toHaveProperty('schema');
    expect(await cloud.pending(desired)).toEqual([]);
    const { items } = await read<{ items: KubeObject[] }>('/apis/batch/v1/namespaces/NS/jobs');
    expect(items).toEqual([]);
    const secrets = await read<{ items: KubeObject[] }>('/api/v1/namespaces/NS/secrets');
    expect(secrets.items.filter(({ metadata }) => metadata.name.startsWith('schema'))).toEqual([]);
  });

  test('a job that is run once gives its output as bytes and its exit code, and leaves nothing', async () => {
    const job = jobOf('once', 'head -c 100000 /dev/zero; echo oh >&2; exit 5', {
      files: [file('/etc/gantry/once.conf', 'x')],
    });
    const { code, stdout, stderr } = await onceOf(cloud.engine, of([app], [job]), job);
    expect([code, stdout.length, stderr.toString()]).toEqual([5, 100_000, 'oh\n']);
    const secrets = await read<{ items: KubeObject[] }>('/api/v1/namespaces/NS/secrets');
    expect(secrets.items.filter(({ metadata }) => metadata.name.startsWith('once'))).toEqual([]);
    expect(await podsOf('once')).toEqual([]);
  });

  test('a job that fails tells what it printed, and is not recorded', async () => {
    const job = jobOf('broken', 'echo the reason; exit 3');
    const desired = of([app], [job]);
    const error = await failure(cloud.up(desired));
    expect(error).toMatchObject({
      code: 'job.failed',
      message: 'Job broken failed: exit code 3',
      why: 'the reason',
    });
    expect(await readFile(join(opened.stateDirectory, 'logs', 'broken.log'), 'utf8')).toBe('the reason\n');
    expect((await cloud.engine.observe(desired)).ledger).not.toHaveProperty('broken');
  });

  test('a job that an interruption left running is taken over', async () => {
    const job = jobOf('slow', 'echo $HOSTNAME; sleep 8');
    const desired = of([app], [job]);
    const interruption = new AbortController();
    const first = cloud.up(desired, { signal: interruption.signal });
    await expect.poll(() => podsOf('slow').then((pods) => pods.length), { timeout: 60_000 }).toBe(1);
    const [pod] = await podsOf('slow');
    interruption.abort();
    expect((await first).result).toBe('interrupted');
    const second = cloud.up(desired);
    expect((await podsOf('slow'))[0]?.metadata.uid).toBe(pod?.metadata.uid);
    await second;
    expect((await cloud.engine.observe(desired)).ledger).toHaveProperty('slow');
  });

  test('what an interruption left half done, the next up finishes', async () => {
    const desired = of([app, processOf('late', `sleep 5; ${forever}`)]);
    const interruption = new AbortController();
    const first = cloud.up(desired, { signal: interruption.signal });
    await expect.poll(() => podsOf('late').then((pods) => pods.length), { timeout: 60_000 }).toBe(1);
    interruption.abort();
    expect((await first).result).toBe('interrupted');
    await cloud.up(desired);
    expect(await cloud.pending(desired)).toEqual([]);
    const { instances } = await cloud.engine.observe(desired);
    // What earlier tests stopped may be on its way out still.
    const staying = instances.filter(({ leaving }) => !leaving);
    expect(staying.map(({ workload, health }) => `${workload}: ${health}`).sort()).toEqual([
      'app: healthy',
      'app: healthy',
      'keeper: healthy',
      'late: healthy',
    ]);
    await cloud.up(of([app]));
  });

  test('a process that keeps exiting ends the wait early, with its last lines', async () => {
    const broken = processOf('app', 'echo the last words; exit 4', { update: 'recreate' });
    const started = Date.now();
    const error = await failure(cloud.up(of([broken])));
    expect(error.code).toBe('process.not-healthy');
    expect(error.why).toMatch(/exited with code 4, restarted \d+ times/);
    expect(error.why).toContain('the last words');
    expect(Date.now() - started).toBeLessThan(290_000);
    await cloud.up(of([app]));
  });

  test('an image that is not in the registry ends the wait early', async () => {
    const desired = of([processOf('lost', forever, { image: 'lost' })]);
    desired.images.push({ name: 'lost', hash: '', reference: 'gantry-test/lost:none', parents: [] });
    const error = await failure(cloud.up(desired));
    expect(error.why).toContain('gantry-test/lost:none is not in the registry');
    await cloud.up(of([app]));
    expect(await podsOf('lost')).toEqual([]);
  });

  test('ports are reached through a connection of their own', async () => {
    const web = processOf(
      'web',
      'mkdir /tmp/www; echo hello > /tmp/www/index.html; touch /tmp/ready; exec httpd -f -p 8080 -h /tmp/www',
      {
        ports: [{ name: 'web', port: 8080 }],
      },
    );
    await cloud.up(of([app, web]));
    const connection = await cloud.engine.connect(name, 'web', 8080);
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        const answer = await fetch(`http://${connection.host}:${connection.port}/`);
        expect(await answer.text()).toBe('hello\n');
      }
    } finally {
      await connection.close();
    }
  });

  test('logs of several pods are read, and pods that come are followed', async () => {
    const talker = processOf('talker', `echo I am $HOSTNAME; ${forever}`, { update: 'rolling' });
    await cloud.up(of([app, talker]));
    const lines: string[] = [];
    const stop = new AbortController();
    const following = cloud.engine.logs(name, ['talker'], {
      follow: true,
      signal: stop.signal,
      onLine: ({ process, text }) => lines.push(`${process}: ${text}`),
    });
    await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(1);
    await cloud.up(of([app, { ...talker, replicas: 2 }]));
    await expect.poll(() => lines.length, { timeout: 60_000 }).toBe(2);
    stop.abort();
    await following;
    expect(lines[0]).toMatch(/^talker: I am /);
    const unknown = await failure(cloud.engine.logs(name, ['talkr'], { follow: false, onLine() {} }));
    expect(unknown.next).toBe('Did you mean talker?');
  });

  test('what is no longer wanted goes, claims stay until data is to go too', async () => {
    const farewell = { command: ['sh', '-c', 'echo bye > /data/bye'], timeoutSeconds: 20 };
    const desired = of([]);
    desired.processes = desired.processes.map((one) => ({ ...one, farewell }));
    await cloud.up(desired);
    expect(await podsOf('app')).toEqual([]);
    await output('keeper', ['sh', '-c', 'echo kept > /data/mark']);
    await cloud.down(desired, false);
    const claims = await read<{ items: KubeObject[] }>('/api/v1/namespaces/NS/persistentvolumeclaims');
    expect(claims.items.map(({ metadata }) => metadata.name)).toEqual(['ledger-keeper-0']);
    await cloud.up(desired);
    expect(await output('keeper', ['cat', '/data/mark', '/data/bye'])).toBe('kept\nbye');
    await cloud.down(desired, true);
    expect((await cloud.engine.planDown(desired, { volumes: true })).steps).toEqual([]);
  });

  test('nothing that it was asked for is deprecated', () => expect(cloud.warnings).toEqual([]));
});
