import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from './gantry.ts';

const run = promisify(execFile);

const configuration = `
set -g status off
set -g history-limit 10000
set -g default-terminal tmux-256color
`;

interface TerminalOptions {
  columns: number;
  rows: number;
  cwd?: string;
  environment?: Record<string, string>;
}

/**
 * Keeps the screen when the program has ended, as the shell of a user does, and the exit code in a file. The trap keeps
 * it from ending with the program at Ctrl-C.
 */
const keepScreen = 'trap : INT; file=$1; shift; "$@"; echo $? > "$file"; exec cat';

/** A program in a real terminal (tmux's): what it shows, keys pressed on it, other sizes. */
export class Terminal {
  private constructor(private readonly directory: string) {}

  static async start(command: string[], options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(await mkdtemp(join(tmpdir(), 'gantry-terminal-')));
    await writeFile(join(terminal.directory, 'tmux.conf'), configuration);
    const environment = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', CI: '', NO_COLOR: '', ...options.environment };
    const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const { columns, rows, cwd = '.' } = options;
    const size = ['-x', String(columns), '-y', String(rows)];
    const shell = ['sh', '-c', keepScreen, 'sh', terminal.codeFile, ...command];
    await terminal.tmux('new-session', '-d', ...size, '-c', cwd, ...variables, ...shell);
    return terminal;
  }

  /** The lines on the screen, empty ones at the end left out. */
  async screen(): Promise<string[]> {
    return (await this.tmux('capture-pane', '-p')).trimEnd().split('\n');
  }

  /** The lines on the screen and those that left it at the top. */
  async history(): Promise<string[]> {
    return (await this.tmux('capture-pane', '-p', '-S', '-')).trimEnd().split('\n');
  }

  /** As `screen`, with the control sequences of colours and of bold and dim text. */
  async colours(): Promise<string[]> {
    return (await this.tmux('capture-pane', '-p', '-e')).trimEnd().split('\n');
  }

  /** Waits until the screen, as one text, matches. */
  async waitFor(pattern: RegExp, limitMs = 10_000): Promise<string[]> {
    let screen: string[] = [];
    return waitUntil(`${pattern} on the screen`, limitMs, async () => {
      screen = await this.screen();
      return pattern.test(screen.join('\n')) ? screen : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}, which shows\n${screen.join('\n')}`, { cause: error });
    });
  }

  async cursorIsVisible(): Promise<boolean> {
    return (await this.tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1';
  }

  /** Presses a key, by tmux's name of it, such as C-c. */
  async press(key: string): Promise<void> {
    await this.tmux('send-keys', key);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The exit code of the program, once it has ended. */
  async exitCode(limitMs = 10_000): Promise<number> {
    const status = await waitUntil('the end of the program', limitMs, async () => {
      const text = await readFile(this.codeFile, 'utf8').catch(() => '');
      return text.endsWith('\n') ? text.trim() : undefined;
    });
    return Number(status);
  }

  /** Ends the program, where it still runs, and the terminal. */
  async close(): Promise<void> {
    await this.tmux('kill-server').catch(() => {});
    await rm(this.directory, { recursive: true, force: true });
  }

  private get codeFile(): string {
    return join(this.directory, 'exit-code');
  }

  private async tmux(...args: string[]): Promise<string> {
    const server = ['-u', '-S', join(this.directory, 'socket'), '-f', join(this.directory, 'tmux.conf')];
    const { TMUX: _outer, ...environment } = process.env;
    return (await run('tmux', [...server, ...args], { env: environment })).stdout;
  }
}
