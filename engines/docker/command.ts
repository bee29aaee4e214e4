import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { handOnKeys } from '../../src/engine/keys.ts';
import { KeptOutput } from '../../src/engine/output.ts';
import { demultiplex, forwardTo } from './demultiplex.ts';

export interface CommandOptions {
  user?: string;
  stdin?: Readable | string;
  stdout?: Writable;
  stderr?: Writable;
  environment?: Record<string, string>;
  /**
   * A terminal: output is one stream, its size follows `stdout` where that is a terminal too, and it has the keys of
   * `stdin` where that is one.
   */
  tty?: boolean;
  signal?: AbortSignal;
}

/**
 * Runs a command in a running container and resolves to its exit code. An abort ends the wait, not the
 * command: the engine has no call to end one.
 */
export async function runCommand(
  container: Docker.Container,
  command: string[],
  options: CommandOptions = {},
): Promise<number> {
  const { stdin, tty = false, signal } = options;
  signal?.throwIfAborted();
  const exec = await container.exec({
    Cmd: command,
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
    ...(options.user ? { User: options.user } : {}),
    ...(options.environment
      ? { Env: Object.entries(options.environment).map(([name, value]) => `${name}=${value}`) }
      : {}),
  });
  const stream = await exec.start({ hijack: true, stdin: stdin !== undefined, Tty: tty });
  const stopResizing = tty ? followSize(exec, options.stdout) : undefined;
  const stopKeys = tty ? handOnKeys(stdin) : undefined;
  const abort = () => stream.destroy(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const output = tty ? forwardTo(options.stdout) : demultiplex(options.stdout, options.stderr);
    if (stdin !== undefined) {
      const input = typeof stdin === 'string' ? Readable.from([stdin]) : stdin;
      // With a terminal the engine closes the output as soon as the input ends.
      input.pipe(stream, { end: !tty });
    }
    await pipeline(stream, output);
    signal?.throwIfAborted();
    return await exitCodeOf(exec);
  } finally {
    signal?.removeEventListener('abort', abort);
    if (stdin instanceof Readable) stdin.unpipe(stream);
    stopKeys?.();
    stopResizing?.();
    stream.destroy();
  }
}

/** Runs a command and keeps the first 64 KiB of its output, standard output and error together. */
export async function captureCommand(
  container: Docker.Container,
  command: string[],
  options: Omit<CommandOptions, 'stdout' | 'stderr' | 'tty'> = {},
): Promise<{ exitCode: number; output: string }> {
  const sink = new KeptOutput(65_536);
  const exitCode = await runCommand(container, command, { ...options, stdout: sink, stderr: sink });
  return { exitCode, output: sink.text };
}

/** The stream can end a moment before the engine has noted the exit code. */
async function exitCodeOf(exec: Docker.Exec): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    const { Running, ExitCode } = await exec.inspect();
    if (!Running && ExitCode !== null) return ExitCode;
    if (attempt >= 50) return ExitCode ?? -1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function followSize(exec: Docker.Exec, stdout: Writable | undefined): (() => void) | undefined {
  const terminal = stdout as (Writable & { columns?: number; rows?: number }) | undefined;
  if (!terminal?.columns || !terminal.rows) return undefined;
  const resize = () => {
    // A resize that comes after the end is refused; there is nothing left to size.
    exec.resize({ h: terminal.rows, w: terminal.columns }).catch(() => undefined);
  };
  resize();
  terminal.on('resize', resize);
  return () => terminal.off('resize', resize);
}
