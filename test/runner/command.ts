import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** What has ended may have left something that holds its output open. */
const LAST_OUTPUT_MS = 1000;

/**
 * Runs commands one after another, each in a process group of its own. When the signal comes, the group of the one that
 * runs is ended, and no other is begun.
 */
export class Commands {
  #group: number | undefined;

  constructor(
    readonly root: string,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => {
      if (this.#group !== undefined) process.kill(-this.#group, 'SIGTERM');
    });
  }

  get interrupted(): boolean {
    return this.signal.aborted;
  }

  /**
   * Shows what a command says, and keeps it in the file `log`. Resolves to its exit code, 1 where it has none.
   * @param options.always also when the signal has come or comes, as what cleans up must
   */
  async run(
    command: readonly string[],
    options: { log?: string; environment?: NodeJS.ProcessEnv; always?: boolean } = {},
  ): Promise<number> {
    const { log: path, environment, always = false } = options;
    if (this.interrupted && !always) return 1;
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: this.root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    if (!always) this.#group = child.pid;
    const log = path === undefined ? undefined : createWriteStream(path);
    const show = (stream: Readable, shown: NodeJS.WritableStream) =>
      stream.on('data', (chunk) => {
        shown.write(chunk);
        log?.write(chunk);
      });
    show(child.stdout, process.stdout);
    show(child.stderr, process.stderr);
    const code = await ended(child);
    if (!always) this.#group = undefined;
    if (log) await finished(log.end());
    return code;
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on('error', ({ message }) => {
      process.stderr.write(`${message}\n`);
      resolve(1);
    });
    child.on('exit', (status) => {
      const end = () => resolve(status ?? 1);
      const timer = setTimeout(end, LAST_OUTPUT_MS);
      child.on('close', () => {
        clearTimeout(timer);
        end();
      });
    });
  });
}
