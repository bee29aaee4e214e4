import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describe as describeResult, waitUntil } from '../gantry.ts';
import { type CloudInTest, expectDone } from './cloud.ts';

/** Files of the user, which the client sees in its container. */
export function testFiles(use: () => CloudInTest): void {
  describe('files of the user', () => {
    const name = `files-${process.pid}`;
    const content = randomBytes(3_000_000);
    let directory: string;
    /** What calls of the client have left in its container. */
    const leftBehind = () => use().gantry.output('exec', 'client', '--', 'ls', '/var/lib/client');

    beforeAll(async () => {
      directory = await mkdtemp(join(use().gantry.directory, 'files-'));
      await writeFile(join(directory, 'x.img'), content);
    });
    afterAll(() => rm(directory, { recursive: true, force: true }));

    test('become an image, by their name or by standard input, and an image becomes a file', async () => {
      const { gantry } = use();
      const create = ['openstack', 'image', 'create', '--disk-format', 'raw', '-f', 'value', '-c', 'size'];
      const named = `./${basename(directory)}/x.img`;
      const { stdout } = await expectDone(use(), ...create, '--file', named, name);
      const running = gantry.feed(...create, `${name}-stdin`);
      running.child.stdin?.end(content);
      const fed = await running.finished;
      expect(fed.code, describeResult(create, fed)).toBe(0);
      expect([stdout, fed.stdout]).toEqual(['3000000\n', '3000000\n']);

      const saved = join(directory, 'saved.img');
      await expectDone(use(), 'openstack', 'image', 'save', '--file', saved, `${name}-stdin`);
      await expectDone(use(), 'openstack', 'image', 'delete', name, `${name}-stdin`);
      expect((await readFile(saved)).equals(content)).toBe(true);
      const { uid, mode } = await stat(saved);
      expect({ uid, mode: mode & 0o777 }).toEqual({
        uid: process.getuid?.(),
        mode: 0o666 & ~process.umask(),
      });
    });

    test('are private keys for their user alone', async () => {
      const key = join(directory, 'key');
      await expectDone(use(), 'openstack', 'keypair', 'create', '--private-key', key, name);
      await expectDone(use(), 'openstack', 'keypair', 'delete', name);
      expect(await readFile(key, 'utf8')).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
      expect((await stat(key)).mode & 0o777).toBe(0o600);
    });

    test('leave nothing in the container, also where Ctrl-C comes while they are on their way', async () => {
      const fifo = join(directory, 'fifo');
      execFileSync('mkfifo', [fifo]);
      const running = use().gantry.start('openstack', 'image', 'create', '--file', fifo, name);
      await waitUntil(
        'a place in the container',
        60_000,
        async () => (await leftBehind()) !== '' || undefined,
      );
      running.child.kill('SIGINT');
      expect((await running.finished).code).toBe(130);
      await waitUntil('an empty place', 10_000, async () => (await leftBehind()) === '' || undefined);
    });
  });
}
