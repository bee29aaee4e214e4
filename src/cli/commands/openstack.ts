import { homedir } from 'node:os';
import { join } from 'node:path';
import { findFileArguments } from '../../client/arguments.ts';
import { loadArgumentTable } from '../../client/load.ts';
import { type Handing, placeFiles, type Taken } from '../../client/places.ts';
import { type ClientSession, type Exec, openSession } from '../../client/session.ts';
import { findWritten, give, mark, take } from '../../client/transfer.ts';
import { type Cloud, openCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { taken } from '../../cloud/taken.ts';
import type { ExecOptions } from '../../engine/engine.ts';
import { ExitCode } from '../../errors.ts';
import { entryName, type UserName } from '../../model/cloud-users.ts';
import type { Emit } from '../../run/events.ts';
import type { Command } from '../command.ts';
import { followTransfer } from '../transfers.ts';

/** The client without what has begun before it is asked (`bin/openstack` of its image): the session ends it by its id. */
const OWN_PROCESS = '/usr/bin/openstack';

/** Runs the client in its container, which holds the credentials as a file. Files of its user go there and back. */
export const run: Command<'openstack'> = async (options, [args], terminal) => {
  const cloud = await openCloud(await loadConfigured(options), {}, terminal);
  const { config, engine } = cloud;
  const client = taken(cloud.desired, 'openstackClient');
  const exec: Exec = (command, how) => engine.exec(config.name, client, command, how);
  const found = findFileArguments(args, loadArgumentTable(cloud.root, config.release));
  const handing = placeFiles(args, found, { directory: process.cwd(), home: homedir() });
  const uploads = handing.readsStdin && process.stdin.isTTY !== true;
  if (handing.given.length === 0 && handing.taken.length === 0 && !uploads) {
    return exec(['openstack', ...args], clientOptions(cloud, options, {}));
  }
  return runWithFiles(
    exec,
    handing,
    { ...clientOptions(cloud, options, handing), signal: terminal.signal },
    cloud.emit,
  );
};

function clientOptions(
  { config }: Cloud,
  { user }: { user: UserName },
  { stdinTaken = false }: Partial<Handing>,
): ExecOptions {
  return {
    environment: {
      OS_CLIENT_CONFIG_FILE: '/etc/gantry/clouds.yaml',
      OS_CLOUD: entryName(config.name, user),
      HOME: '/home/client',
    },
    ...(stdinTaken ? {} : { stdin: process.stdin }),
    stdout: process.stdout,
    stderr: process.stderr,
    tty: !stdinTaken && process.stdin.isTTY === true && process.stdout.isTTY === true,
  };
}

async function runWithFiles(
  exec: Exec,
  { args, given, taken, templates }: Handing,
  how: ExecOptions & { signal: AbortSignal },
  emit: Emit,
): Promise<number> {
  const { signal } = how;
  const session = await openSession(exec);
  const { directory } = session;
  try {
    if (taken.length > 0) await mark(exec, directory, taken);
    for (const file of given) {
      await followTransfer(emit, `handing in ${file.path}`, (report) =>
        give(exec, directory, file, { signal, report }),
      );
    }
    signal.throwIfAborted();
    // Heat's client calls files what its user does: see heatclient-names-of-user.patch.
    const roots = templates ? [[join(directory, templates.place), templates.directory]] : [];
    const environment = { ...how.environment, CLIENT_ROOTS: JSON.stringify(roots) };
    const code = await runClient(exec, session, args(directory), { ...how, environment });
    await takeAll(exec, directory, code === ExitCode.done ? taken : taken.filter(({ append }) => append), {
      emit,
      signal,
    });
    await session.end('done');
    return code;
  } catch (thrown) {
    // What is told is why the command failed: where the container is gone, the session fails for the same reason.
    await session.end('interrupted').catch(() => undefined);
    throw thrown;
  }
}

/**
 * The client is ended before its input is: it would take that for the whole of an image, and keep it. The engine ends
 * the connection with it.
 */
async function runClient(
  exec: Exec,
  session: ClientSession,
  args: string[],
  { signal, ...how }: ExecOptions & { signal: AbortSignal },
): Promise<number> {
  const stop = () => void session.end('interrupted').catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const code = await exec(session.wrap([OWN_PROCESS, ...args]), how);
    signal.throwIfAborted();
    return code;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function takeAll(
  exec: Exec,
  directory: string,
  taken: readonly Taken[],
  { emit, signal }: { emit: Emit; signal: AbortSignal },
): Promise<void> {
  if (taken.length === 0) return;
  const sizes = await findWritten(exec, directory, taken);
  for (const [index, file] of taken.entries()) {
    const size = sizes[index];
    if (size === undefined) continue;
    await followTransfer(emit, `taking out ${file.path}`, (report) =>
      take(exec, directory, file, size, { signal, report }),
    );
  }
}
