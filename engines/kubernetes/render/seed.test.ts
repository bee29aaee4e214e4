import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadScript } from './seed.ts';

const run = promisify(execFile);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-seed-'));
  await mkdir(join(directory, 'bin'));
  // Nothing else of this machine: it may have a containerd.
  for (const name of ['gzip', 'cat']) {
    const { stdout } = await run('sh', ['-c', `command -v ${name}`]);
    await symlink(stdout.trim(), join(directory, 'bin', name));
  }
});
afterEach(() => rm(directory, { recursive: true }));

/** A program that says how it was called and what it read. */
async function addProgram(name: string, code = 0): Promise<void> {
  const file = join(directory, 'bin', name);
  await writeFile(file, `#!/bin/sh\necho "${name} $* at $CONTAINERD_ADDRESS: $(cat)"\nexit ${code}\n`);
  await chmod(file, 0o755);
}

/** Runs the script with the node's programs and sockets in the directory of the test. */
async function load(runtime: string, socket: string): Promise<{ code: number; output: string }> {
  const path = join(directory, socket);
  await mkdir(dirname(path), { recursive: true });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const script = loadScript
    .replace(/^PATH=\S*;/m, `PATH=${directory}/bin;`)
    .replaceAll(/\/(?:run|var\/snap)\/\S*\.sock/g, (place) => `${directory}${place}`);
  try {
    const { stdout } = await run('sh', [
      '-c',
      'printf image | gzip -c | sh -c "$1" sh "$2"',
      'sh',
      script,
      runtime,
    ]);
    return { code: 0, output: stdout.trim() };
  } catch (thrown) {
    const { code, stdout } = thrown as { code: number; stdout: string };
    return { code, output: stdout.trim() };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test.each([
  ['ctr', '/run/containerd/containerd.sock', 'ctr --namespace k8s.io images import -'],
  ['k3s', '/run/k3s/containerd/containerd.sock', 'k3s ctr --namespace k8s.io images import -'],
])('an image is loaded with %s of the node at %s', async (program, socket, command) => {
  await addProgram(program);
  expect(await load('containerd', socket)).toEqual({
    code: 0,
    output: `${command} at ${directory}${socket}: image`,
  });
});

test('a program that fails is told so', async () => {
  await addProgram('ctr', 3);
  expect((await load('containerd', '/run/containerd/containerd.sock')).code).toBe(3);
});

test('a node without a program for it says so', async () => {
  expect(await load('containerd', '/run/other.sock')).toEqual({
    code: 127,
    output: 'it has no program that loads images into its container runtime',
  });
});
