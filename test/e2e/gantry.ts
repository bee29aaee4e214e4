import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noteCommand } from './artifacts.ts';

const launcher = join(import.meta.dirname, '../../gantry');

/** How long a command may take, where nothing else is said. */
export const COMMAND_LIMIT_MS = 400_000;

/** What a finished command left. */
export interface Result {
  /** Exit code, or the signal that ended it. */
  code: number | string;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** A command under way. */
export interface Running {
  child: ChildProcess;
  /** All of stdout so far. */
  output(): string;
  /** All of stderr so far. */
  progress(): string;
  finished: Promise<Result>;
}

/** The command line as its users run it: the launcher, without a terminal, for one cloud with a state of its own. */
export class Gantry {
  /** @param directory holds cloud.yaml, and the state unless `states` does */
  constructor(
    readonly name: string,
    readonly directory: string,
    private readonly options: Pick<StartOptions, 'limitMs' | 'environment'> = { limitMs: COMMAND_LIMIT_MS },
    private readonly states: string = join(directory, 'state'),
  ) {}

  /** The same cloud.yaml with another state directory. */
  elsewhere(states: string): Gantry {
    return new Gantry(this.name, this.directory, this.options, states);
  }

  /** The same with another time for each command. */
  within(limitMs: number): Gantry {
    return new Gantry(this.name, this.directory, { ...this.options, limitMs }, this.states);
  }

  /** Where the cloud's secrets are kept. */
  get state(): string {
    return join(this.states, this.name);
  }

  /** What commands said that the API server of a cluster warns of. */
  readonly warnings: string[] = [];

  /** Replaces cloud.yaml. */
  async configure(text: string): Promise<void> {
    await writeFile(join(this.directory, 'cloud.yaml'), text);
  }

  start(...args: string[]): Running {
    return this.launch(args, false);
  }

  /** As start, for a command that is written to. */
  feed(...args: string[]): Running {
    return this.launch(args, true);
  }

  private launch(args: string[], input: boolean): Running {
    const running = start(launcher, ['--name', this.name, '--progress', 'plain', ...args], {
      cwd: this.directory,
      limitMs: this.options.limitMs,
      environment: { ...this.options.environment, GANTRY_STATE: this.states },
      input,
    });
    running.child.once('close', () => this.warnings.push(...warningsIn(running.progress())));
    const finished = running.finished.then(async (result) => {
      await noteCommand(this, args, result);
      return result;
    });
    return { ...running, finished };
  }

  run(...args: string[]): Promise<Result> {
    return this.start(...args).finished;
  }

  /** Runs a command that must succeed; resolves to its standard output. */
  async output(...args: string[]): Promise<string> {
    const result = await this.run(...args);
    if (result.code !== 0) throw new Error(describe(['gantry', ...args], result));
    return result.stdout;
  }

  /** Values that must never be seen; of keys in several lines, their longest line. */
  async secrets(): Promise<{ name: string; value: string }[]> {
    const { secrets } = JSON.parse(await readFile(join(this.state, 'secrets.json'), 'utf8')) as {
      secrets: Record<string, { value: string }>;
    };
    return Object.entries(secrets).map(([name, { value }]) => ({
      name,
      value: value.split('\n').reduce((longest, line) => (line.length > longest.length ? line : longest)),
    }));
  }
}

function warningsIn(text: string): string[] {
  return [...text.matchAll(/^warning: (Kubernetes says: .*)$/gm)].map(([, warning = '']) => warning);
}

interface StartOptions {
  cwd?: string;
  environment?: Record<string, string>;
  /** After this many milliseconds it is killed. */
  limitMs: number;
  /** Whether it can be written to. Without, its standard input is empty. */
  input?: boolean;
}

/** Starts a program without a terminal. */
export function start(program: string, args: string[], options: StartOptions): Running {
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const finished = new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(
          `${program} ${args.join(' ')} took more than ${options.limitMs / 1000} s\n${stderr.slice(-2000)}`,
        ),
      );
    }, options.limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code: code ?? signal ?? 'unknown',
        stdout,
        stderr,
        seconds: (performance.now() - started) / 1000,
      });
    });
  });
  return { child, output: () => stdout, progress: () => stderr, finished };
}

/** A result as the text of a failed expectation. */
export function describe(command: string[], { code, stdout, stderr }: Result): string {
  return `${command.join(' ')} ended with ${code}\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`;
}

/**
 * Looks again and again until `look` resolves to a value other than undefined. `look` may throw; the last thing
 * thrown is shown when the time is over.
 */
export async function waitUntil<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + limitMs;
  let problem: unknown;
  for (;;) {
    try {
      const value = await look();
      if (value !== undefined) return value;
      problem = undefined;
    } catch (thrown) {
      problem = thrown;
    }
    if (performance.now() > end) {
      const last = problem instanceof Error ? `; at last: ${problem.message}` : '';
      throw new Error(`waited ${limitMs / 1000} s in vain: ${what}${last}`, { cause: problem });
    }
    await sleep(100);
  }
}
