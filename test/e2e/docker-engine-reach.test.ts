import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { KeptOutput } from '../../src/engine/output.ts';
import type { ObservedInstance } from '../../src/model/observed.ts';
import {
  client,
  cloud,
  desiredOf,
  engine,
  identity,
  keeper,
  makeFoundations,
  output,
  Session,
  useDockerCloud,
} from './docker-cloud.ts';
import { failure, forever, processOf } from './workloads.ts';

useDockerCloud();

beforeAll(async () => {
  await makeFoundations();
  await new Session(desiredOf([keeper])).up(keeper);
});

describe('what runs on a Docker Engine is reached', () => {
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
    const terminal = new KeptOutput();
    const script = 'sleep 0.5; stty size; read line; echo "got $line"; exit 4';
    const code = await engine.exec(cloud, 'keeper', ['sh', '-c', script], {
      tty: true,
      stdin: 'hello\n',
      stdout: Object.assign(terminal, { columns: 77, rows: 21 }),
    });
    expect(code).toBe(4);
    expect(terminal.text).toContain('21 77\r\n');
    expect(terminal.text).toContain('got hello\r\n');
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
      (one) => one.identity === identity(talker('second')).identity,
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
});
