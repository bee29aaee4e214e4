import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Session } from './session.ts';
import { waitFor } from './wait.ts';

const POLL_MS = 250;

/** Connects and reads what an SSH server says first (RFC 4253, 4.2); resolves to why not where it says nothing. */
export async function readSshBanner(
  address: string,
  options: { port?: number; timeoutMs: number },
): Promise<{ banner: string } | { problem: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: options.port ?? 22 });
    const finish = (answer: { banner: string } | { problem: string }): void => {
      socket.destroy();
      resolve(answer);
    };
    let text = '';
    socket.setTimeout(options.timeoutMs, () => finish({ problem: `${address} does not answer` }));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const banner = /^SSH-[^\r\n]*(?=\r?\n)/m.exec(text)?.[0];
      if (banner) finish({ banner });
    });
    socket.on('end', () => finish({ problem: `${address} closed the connection` }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const silent = error.code === 'EHOSTUNREACH' || error.code === 'ETIMEDOUT';
      finish({ problem: silent ? `${address} does not answer` : error.message });
    });
  });
}

/** Waits until an SSH server greets. Throws `openstack.wait-timeout`, and what `watch` throws. */
export async function waitForSsh(
  session: Session,
  wanted: {
    address: string;
    limitMs: number;
    waiting: (reason: string) => void;
    watch: () => Promise<void>;
  },
): Promise<string> {
  return waitFor<string>({
    failure: `SSH on ${wanted.address} did not answer`,
    limitMs: wanted.limitMs,
    everyMs: POLL_MS,
    look: async () => {
      const answer = await readSshBanner(wanted.address, { timeoutMs: 2000 });
      return 'banner' in answer ? { done: answer.banner } : { waiting: answer.problem };
    },
    waiting: wanted.waiting,
    watch: wanted.watch,
    signal: session.signal,
    clock: session.clock,
  });
}

/** A command for `ssh` that asks nothing, and neither reads nor writes the user's files. */
export function sshArguments(login: { user: string; address: string; keyFile: string }): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'ConnectTimeout=5',
  ];
  return [
    ...options.flatMap((option) => ['-o', option]),
    '-i',
    login.keyFile,
    `${login.user}@${login.address}`,
  ];
}

/** Runs a command over SSH; resolves to its output. Rejects with what `ssh` says. */
export async function runOverSsh(
  login: { user: string; address: string; keyFile: string },
  command: string,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', ['-F', '/dev/null', ...sshArguments(login), command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    let problem = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      problem += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output.trim());
      else reject(new Error(problem.trim() || `ssh ended with exit code ${code}`));
    });
  });
}
