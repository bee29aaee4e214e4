import { expect, test } from 'vitest';
import { runCommand } from './command.ts';

const options = { cwd: '/', limitMs: 30_000 };

test('a command that fails is told with its last words', async () => {
  const command = ['sh', '-c', 'echo no room left >&2; exit 3'];
  await expect(runCommand(command, options)).rejects.toMatchObject({
    code: 'bench.command-failed',
    message: expect.stringContaining('ended with 3'),
    why: 'no room left',
  });
});

test('an interrupted command may put things in order before it is given up', async () => {
  const controller = new AbortController();
  const command = ['sh', '-c', "trap 'kill $!; echo farewell >&2; exit 1' TERM; sleep 30 & wait"];
  const running = runCommand(command, { ...options, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('interrupted')), 300);
  await expect(running).rejects.toThrow('interrupted');
});

test('one that takes too long is ended', async () => {
  await expect(runCommand(['sleep', '30'], { ...options, limitMs: 200 })).rejects.toMatchObject({
    code: 'bench.too-long',
    message: '`sleep 30` did not end within 0.2 s',
  });
});
