import { type ChildProcess, spawn } from 'node:child_process';
import { GantryError } from '../../src/errors.ts';
import { timeLimit } from '../../src/time-limit.ts';

/** How long a command that was asked to end has for what it must put in order. */
const FAREWELL_MS = 120_000;
const LINES_SHOWN = 15;

export interface CommandOptions {
  cwd: string;
  environment?: NodeJS.ProcessEnv;
  limitMs: number;
  /** Ends the command; none for one that cleans up. */
  signal?: AbortSignal | undefined;
}

export interface Ended {
  /** Its standard output. */
  output: string;
  /** From its start to its end. */
  seconds: number;
}

/**
 * Runs a command in a process group of its own. Throws `bench.command-failed` with what it said last, `bench.too-long`
 * when it has not ended within its limit, and the signal's reason; by then it has ended.
 */
export async function runCommand(
  [program = '', ...args]: readonly string[],
  options: CommandOptions,
): Promise<Ended> {
  const { cwd, environment, limitMs, signal } = options;
  signal?.throwIfAborted();
  const shown = [program.replace(/^.*\//, ''), ...args].join(' ');
  const limit = timeLimit(limitMs);
  const ending = signal ? AbortSignal.any([signal, limit]) : limit;
  const started = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [output, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000);
  });
  const code = await endOf(child, ending);
  const seconds = (performance.now() - started) / 1000;
  signal?.throwIfAborted();
  if (code === 0) return { output, seconds };
  const why = said.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
  throw new GantryError({
    code: limit.aborted ? 'bench.too-long' : 'bench.command-failed',
    whose: 'environment',
    message: limit.aborted
      ? `\`${shown}\` did not end within ${limitMs / 1000} s`
      : `\`${shown}\` in ${cwd} ended with ${code}`,
    why,
  });
}

/** Its exit code, or the name of the signal that ended it. */
function endOf(child: ChildProcess, ending: AbortSignal): Promise<number | string> {
  return new Promise((resolve, reject) => {
    let killing: NodeJS.Timeout | undefined;
    const end = () => {
      signalGroup(child, 'SIGTERM');
      killing = setTimeout(() => signalGroup(child, 'SIGKILL'), FAREWELL_MS);
    };
    ending.addEventListener('abort', end, { once: true });
    const settle = () => {
      ending.removeEventListener('abort', end);
      clearTimeout(killing);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code, signal) => {
      settle();
      resolve(code ?? signal ?? 'unknown');
    });
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (thrown) {
    // It has ended meanwhile.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}
