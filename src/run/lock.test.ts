import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, type LockRequest } from './lock.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

const now = new Date('2026-01-02T03:04:05Z');

/** A request by one of several made-up processes; the living ones with their start. */
function requestBy(pid: number, living: Record<number, string>, host = 'here'): LockRequest {
  return { command: 'gantry up', now, pid, host, startOf: async (other) => living[other] };
}

describe('acquireLock', () => {
  it('lets one in and tells the second who holds it', async () => {
    const living = { 1: '100', 2: '200' };
    await acquireLock(directory, requestBy(1, living));
    await expect(acquireLock(directory, requestBy(2, living))).rejects.toMatchObject({
      code: 'lock.held',
      exitCode: 75,
      message:
        'Another run is changing this cloud: gantry up, process 1 on here, since 2026-01-02T03:04:05.000Z.',
    });
  });

  it('is free again after its release, and leaves no file', async () => {
    const first = await acquireLock(directory, requestBy(1, { 1: '100' }));
    await first.release();
    expect(await readdir(directory)).toEqual([]);
    await acquireLock(directory, requestBy(2, { 1: '100', 2: '200' }));
    await first.release();
    expect(await readdir(directory)).toEqual(['lock']);
  });

  it('is taken over from a process that is gone, or whose id another has now', async () => {
    await acquireLock(directory, requestBy(1, { 1: '100' }));
    await acquireLock(directory, requestBy(2, { 2: '200' }));
    await acquireLock(directory, requestBy(3, { 2: '201', 3: '300' }));
    expect(JSON.parse(await readFile(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: 3 });
    expect(await readdir(directory)).toEqual(['lock']);
  });

  it('is not taken over from another host', async () => {
    await acquireLock(directory, requestBy(1, { 1: '100' }, 'there'));
    await expect(acquireLock(directory, requestBy(2, { 2: '200' }))).rejects.toMatchObject({
      code: 'lock.held',
    });
  });

  it('is taken over when a crash of the machine left the file empty', async () => {
    await writeFile(join(directory, 'lock'), '');
    await acquireLock(directory, requestBy(2, { 2: '200' }));
    expect(await readdir(directory)).toEqual(['lock']);
  });

  it('goes to exactly one of many that find the same stale lock', async () => {
    for (let round = 0; round < 20; round += 1) {
      await acquireLock(directory, requestBy(1, { 1: '100' }));
      const pids = Array.from({ length: 12 }, (_, index) => index + 10);
      const living = Object.fromEntries(pids.map((pid) => [pid, `${pid}`]));
      const results = await Promise.allSettled(
        pids.map((pid) => acquireLock(directory, requestBy(pid, living))),
      );
      const won = results.filter((result) => result.status === 'fulfilled');
      expect(won).toHaveLength(1);
      expect(await readdir(directory)).toEqual(['lock']);
      await won[0]?.value.release();
    }
  });

  it('goes on when a taker died while taking over', async () => {
    await acquireLock(directory, requestBy(1, { 1: '100' }));
    const stale = await readFile(join(directory, 'lock'), 'utf8');
    const second = await acquireLock(directory, requestBy(2, { 2: '200' }));
    const claim = await readFile(join(directory, 'lock'), 'utf8');
    await second.release();
    const name = `lock.${createHash('sha256').update(stale).digest('hex').slice(0, 16)}`;
    await writeFile(join(directory, 'lock'), stale);
    await writeFile(join(directory, name), claim);
    await acquireLock(directory, requestBy(3, { 3: '300' }));
    expect(JSON.parse(await readFile(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: 3 });
    expect(await readdir(directory)).toEqual(['lock']);
  });

  it('knows real processes', async () => {
    const child = spawn('sleep', ['60']);
    const pid = child.pid as number;
    await acquireLock(directory, { command: 'gantry up', now, pid });
    await expect(acquireLock(directory, { command: 'gantry up', now })).rejects.toMatchObject({
      code: 'lock.held',
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    const lock = await acquireLock(directory, { command: 'gantry up', now });
    await lock.release();
  });
});
