import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../src/model/workload.ts';
import {
  client,
  desiredOf,
  engine,
  identity,
  keeper,
  makeFoundations,
  output,
  Session,
  stateDirectory,
  useDockerCloud,
} from './docker-cloud.ts';
import { failure, file, jobOf, onceOf } from './workloads.ts';

useDockerCloud();

beforeAll(makeFoundations);

describe('jobs on a Docker Engine', () => {
  test('a job leaves its record and nothing else; side by side they record one after the other', async () => {
    const jobs = ['one', 'two', 'three'].map((name) => jobOf(name, `echo ${name}`));
    const session = new Session(desiredOf([keeper], jobs));
    await session.up(keeper);
    await Promise.all(jobs.map((job) => session.run('job.run', { job, identity: identity(job) })));
    const { ledger, instances } = await session.observe();
    expect(ledger).toEqual(Object.fromEntries(jobs.map((job) => [job.name, identity(job).identity])));
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
    const slow = jobOf('slow', 'until [ -e /data/go ]; do sleep 0.1; done; echo done > /data/slow', {
      user: '0:0',
      volumes: [{ volume: 'ledger', path: '/data' }],
    });
    const session = new Session(desiredOf([keeper], [endless, slow]));
    const error = await failure(session.run('job.run', { job: endless, identity: identity(endless) }));
    expect(error.message).toBe('Job endless failed: not done after 1 s');

    const interrupted = session.run('job.run', { job: slow, identity: identity(slow) });
    const rejected = expect(interrupted).rejects.toThrow();
    await expect
      .poll(async () => (await session.observe()).instances.some((one) => one.workload === 'slow'), {
        timeout: 20_000,
      })
      .toBe(true);
    session.abort.abort();
    await rejected;
    const { id } = await session.instance('slow');
    const next = new Session(session.desired);
    await output('keeper', ['touch', '/data/go']);
    await next.run('job.run', { job: slow, identity: identity(slow) });
    expect((await next.observe()).ledger).toHaveProperty('slow', identity(slow).identity);
    expect(await output('keeper', ['cat', '/data/slow'])).toBe('done');
    await expect(client.docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  test('a job that is run once gives its output as it is and its exit code, and leaves nothing', async () => {
    const desired = desiredOf([keeper]);
    const once = (job: Job, signal?: AbortSignal) => onceOf(engine, desired, job, signal);
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
    await expect.poll(running, { timeout: 20_000 }).toBe(true);
    abort.abort(new Error('enough'));
    await interrupted;
    expect(await running()).toBe(false);
  });
});
