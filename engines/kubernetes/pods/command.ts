import { Readable, type Writable } from 'node:stream';
import type { ExecOptions } from '../../../src/engine/engine.ts';
import { handOnKeys } from '../../../src/engine/keys.ts';
import { KeptOutput } from '../../../src/engine/output.ts';
import { GantryError } from '../../../src/errors.ts';
import type { ClusterApi, Socket } from '../api/client.ts';
import type { Pod, Status } from '../api/objects.ts';
import { followSize, forwardStdin, stdinWrapper } from './stdin.ts';

/** Channels of the remote command protocol: https://kubernetes.io/docs/reference/using-api/ (websockets) */
const Channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4 } as const;

export type CommandOptions = Pick<
  ExecOptions,
  'user' | 'stdin' | 'stdout' | 'stderr' | 'tty' | 'environment' | 'signal'
>;

/**
 * Runs a command in the first container of a pod and resolves to its exit code. An abort ends the wait; the
 * command itself ends when it next reads or writes.
 */
export async function runCommand(
  api: ClusterApi,
  pod: Pod,
  command: string[],
  options: CommandOptions = {},
): Promise<number> {
  const { stdin, stdout, stderr, tty = false, signal } = options;
  const { name, namespace } = pod.metadata;
  const container = pod.spec.containers[0]?.name ?? '';
  const complete = [
    ...stdinWrapper(stdin, tty),
    ...asUser(pod, options.user),
    ...withEnvironment(options),
    ...command,
  ];
  const query = new URLSearchParams({
    container,
    stdin: String(stdin !== undefined),
    stdout: 'true',
    stderr: String(!tty),
    tty: String(tty),
  });
  for (const word of complete) query.append('command', word);

  let status: Status | undefined;
  let end: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const connection: { socket?: Socket } = {};
  const socket = await api.openSocket(
    `/api/v1/namespaces/${namespace}/pods/${name}/exec?${query}`,
    {
      onData: (channel, data) => {
        if (channel === Channel.stdout) deliver(stdout, data, connection);
        else if (channel === Channel.stderr) deliver(stderr, data, connection);
        else if (channel === Channel.status) {
          status = JSON.parse(data.toString('utf8')) as Status;
          connection.socket?.close();
          end('');
        }
      },
      onClose: end,
    },
    signal,
  );
  connection.socket = socket;
  const stopResizing = tty ? followSize(stdout, (data) => socket.send(Channel.resize, data)) : undefined;
  const stopKeys = tty ? handOnKeys(stdin) : undefined;
  const input = typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin;
  const stopInput = input && forwardStdin(input, socket, tty);
  try {
    if (status) socket.close();
    const reason = await ended;
    signal?.throwIfAborted();
    return exitCodeOf(status, reason, command[0] ?? '');
  } finally {
    stopInput?.();
    stopKeys?.();
    stopResizing?.();
    socket.close();
  }
}

/** Runs a command and keeps the first 64 KiB of its output, standard output and error together. */
export async function captureCommand(
  api: ClusterApi,
  pod: Pod,
  command: string[],
  options: Omit<CommandOptions, 'stdout' | 'stderr' | 'tty'> = {},
): Promise<{ exitCode: number; output: string }> {
  const sink = new KeptOutput(65_536);
  const exitCode = await runCommand(api, pod, command, { ...options, stdout: sink, stderr: sink });
  return { exitCode, output: sink.text };
}

/** Slow consumers are waited for, so that no output piles up in memory. */
function deliver(target: Writable | undefined, data: Buffer, connection: { socket?: Socket }): void {
  if (!target || data.length === 0 || target.write(data)) return;
  connection.socket?.pause();
  target.once('drain', () => connection.socket?.resume());
}

/** The API server tells the exit code as the cause of a failure. */
function exitCodeOf(status: Status | undefined, reason: string, program: string): number {
  if (status?.status === 'Success') return 0;
  const cause = status?.details?.causes?.find((one) => one.reason === 'ExitCode');
  if (cause) return Number(cause.message);
  const why = status?.message ?? (reason || 'The connection ended before the command did.');
  // Runtimes say this in the text of an internal error.
  if (/executable file not found|no such file or directory/i.test(why)) {
    throw new GantryError({
      code: 'command.not-found',
      whose: 'user',
      message: `there is no program ${program} in the container`,
      why,
    });
  }
  throw new GantryError({
    code: 'kubernetes.exec',
    whose: 'environment',
    message: `${program} could not be run in the container`,
    why,
  });
}

/**
 * Kubernetes runs commands as the user of the container. Another one is possible only from root, by setpriv,
 * which every image has.
 */
export function asUser({ metadata, spec }: Pod, user: string | undefined): string[] {
  if (user === undefined) return [];
  const own = spec.containers[0]?.securityContext ?? {};
  const uid = own.runAsUser ?? spec.securityContext?.runAsUser;
  const gid = own.runAsGroup ?? spec.securityContext?.runAsGroup;
  const [wanted = '', group = wanted] = user === 'root' ? ['0', '0'] : user.split(':');
  if (wanted === String(uid) && (group === String(gid) || !user.includes(':'))) return [];
  if (uid === 0 || uid === undefined) {
    return ['setpriv', `--reuid=${wanted}`, `--regid=${group}`, '--clear-groups', '--'];
  }
  throw new GantryError({
    code: 'kubernetes.exec-user',
    whose: 'user',
    message: `commands in ${metadata.name} cannot run as ${user}`,
    why: `Its container runs as user ${uid}, and Kubernetes runs commands as the user of the container.`,
    next: 'Leave --user out.',
  });
}

/** Kubernetes has no setting for it; never used for secrets, which would show in the list of processes. */
function withEnvironment({ environment }: CommandOptions): string[] {
  const entries = Object.entries(environment ?? {});
  return entries.length === 0 ? [] : ['env', ...entries.map(([name, value]) => `${name}=${value}`)];
}
