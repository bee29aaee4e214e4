import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GantryError, messageOf } from '../../src/errors.ts';
import { excerpt } from '../../src/model/strings.ts';
import { createDockerClient } from './client.ts';
import { resolveEndpoint } from './endpoint.ts';

const run = promisify(execFile);

export interface InstallOptions {
  environment: NodeJS.ProcessEnv;
  /** Docker context that names the engine, before what the environment names. */
  context?: string | undefined;
  /** Says each thing that is done, in words, before it is done. */
  onProgress(text: string): void;
  signal?: AbortSignal;
}

/** Packages by the program that shows that each is there. */
const enginePackages = { dockerd: 'docker.io', iptables: 'iptables' };
/** What building the base image without a registry takes. */
const buildPackages = { mmdebstrap: 'mmdebstrap' };
/** What the demo and verify reach servers with, as their users would. */
const userPackages = { ssh: 'openssh-client', ping: 'iputils-ping' };
const logFile = '/var/log/gantry-dockerd.log';
const START_LIMIT = 60_000;
/** Left behind by a machine that went down without stopping its engine. */
const pidFiles = {
  '/var/run/docker.pid': 'dockerd',
  '/var/run/docker/containerd/containerd.pid': 'containerd',
};

/**
 * Makes sure that an engine runs on this Debian machine: installs what is missing, starts what is stopped,
 * waits until it answers. Does nothing where one answers already and all is installed.
 */
export async function installEngine(options: InstallOptions): Promise<void> {
  const { onProgress } = options;
  const answering = await engineVersion(options);
  const missing = await missingPackages({
    ...(answering ? {} : enginePackages),
    ...buildPackages,
    ...userPackages,
  });
  if (answering && missing.length === 0) {
    onProgress(`Docker Engine ${answering} answers; nothing to install`);
    return;
  }
  await refuseWhatCannotBeInstalled(answering !== undefined, options);
  if (missing.length > 0) await installPackages(missing, options);
  if ((await engineVersion(options)) === undefined) await startEngine(options);
}

/** The version of the engine that answers, or undefined where none does; other failures are thrown. */
async function engineVersion({ environment, context }: InstallOptions): Promise<string | undefined> {
  try {
    return (await createDockerClient(environment, context)).version;
  } catch (thrown) {
    if (thrown instanceof GantryError && thrown.code === 'docker.unreachable') return undefined;
    throw thrown;
  }
}

async function missingPackages(packages: Record<string, string>): Promise<string[]> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(packages)) {
    const found = await Promise.all(
      ['/usr/sbin', '/usr/bin', '/sbin', '/usr/local/bin', '/usr/local/sbin'].map((directory) =>
        access(`${directory}/${program}`, constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (!found.includes(true)) missing.push(name);
  }
  return missing;
}

async function refuseWhatCannotBeInstalled(
  answers: boolean,
  { environment, context }: InstallOptions,
): Promise<void> {
  const { address, from } = await resolveEndpoint(environment, context);
  if (!answers && address !== 'unix:///var/run/docker.sock') {
    throw refusal(
      `No Docker Engine answers at ${address} (from ${from})`,
      'An engine is only installed on this machine, behind the default socket.',
      'Leave the context and DOCKER_HOST out, or start the engine there.',
    );
  }
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!isDebian(release)) {
    const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(release)?.[1] ?? process.platform;
    throw refusal(
      'Docker Engine can only be installed on Debian and Ubuntu',
      `This machine runs ${name}.`,
      'Install Docker Engine 20.10 or newer yourself, start it, and run the command without --install-engine.',
    );
  }
  if (process.getuid?.() !== 0) {
    throw refusal('Installing Docker Engine takes root', undefined, 'Run the command as root, or with sudo.');
  }
}

/** Whether an os-release(5) file describes Debian or what is derived from it. */
export function isDebian(release: string): boolean {
  const ids = [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) =>
    match[1]?.split(' '),
  );
  return ids.includes('debian') || ids.includes('ubuntu');
}

async function installPackages(packages: string[], { environment, onProgress, signal }: InstallOptions) {
  const apt = (...args: string[]) =>
    run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...environment, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 * 1024 * 1024,
      ...(signal ? { signal } : {}),
    });
  try {
    onProgress('Updating the package lists');
    await apt('update');
    onProgress(`Installing ${packages.join(', ')}`);
    await apt('install', '--no-install-recommends', 'ca-certificates', ...packages);
  } catch (thrown) {
    signal?.throwIfAborted();
    const { stderr, stdout } = thrown as { stderr?: string; stdout?: string };
    throw new GantryError({
      code: 'docker.install-failed',
      whose: 'environment',
      message: `${packages.join(', ')} could not be installed`,
      why: excerpt(stderr || stdout || messageOf(thrown), 10),
      next: 'Run `apt-get update` and see what it says; a proxy is taken from http_proxy.',
      cause: thrown,
    });
  }
}

async function startEngine(options: InstallOptions): Promise<void> {
  const { environment, onProgress } = options;
  if (await exists('/run/systemd/system')) {
    onProgress('Starting Docker Engine (systemctl enable --now docker)');
    const started = run('systemctl', ['enable', '--now', 'docker']);
    await started.catch((thrown) => {
      throw notStarted(messageOf(thrown), '`journalctl -u docker` shows what it wrote.', thrown);
    });
    await waitForEngine(options);
    return;
  }
  await removeStalePidFiles(onProgress);
  onProgress(`Starting Docker Engine in the background; it writes to ${logFile}`);
  const log = await open(logFile, 'a', 0o640);
  const { size: before } = await log.stat();
  const daemon = spawn('dockerd', [], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...environment, PATH: `/usr/local/sbin:/usr/sbin:/sbin:${environment.PATH ?? '/usr/bin:/bin'}` },
  });
  try {
    await waitForEngine(options, { process: daemon, lastOutput: () => outputSince(before) });
  } finally {
    daemon.unref();
    await log.close();
  }
}

/** dockerd refuses to start while the number in its file is any process's, which after a reboot it may be. */
async function removeStalePidFiles(onProgress: (text: string) => void): Promise<void> {
  for (const [file, program] of Object.entries(pidFiles)) {
    const pid = (await readFile(file, 'utf8').catch(() => '')).trim();
    if (!pid) continue;
    const running = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
    if (running === program) continue;
    onProgress(`Removing ${file}, which no ${program} holds any more`);
    await rm(file, { force: true });
  }
}

/** The time includes starting the containers of a previous boot again, which the engine does before it answers. */
async function waitForEngine(
  options: InstallOptions,
  daemon?: { process: ChildProcess; lastOutput(): Promise<string> },
): Promise<void> {
  let failed: unknown;
  daemon?.process.on('error', (error) => {
    failed = error;
  });
  const deadline = Date.now() + START_LIMIT;
  for (;;) {
    if ((await engineVersion(options)) !== undefined) return;
    if (failed || typeof daemon?.process.exitCode === 'number') {
      throw notStarted((await daemon?.lastOutput()) ?? '', `Its whole output: ${logFile}.`, failed);
    }
    if (Date.now() >= deadline) {
      throw notStarted(
        daemon ? await daemon.lastOutput() : `It does not answer after ${START_LIMIT / 1000} s.`,
        daemon ? `Its whole output: ${logFile}.` : '`journalctl -u docker` shows what it wrote.',
      );
    }
    await sleep(200, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** The last lines of the log that this start has added. */
async function outputSince(start: number): Promise<string> {
  const content = await readFile(logFile).catch(() => Buffer.alloc(0));
  return excerpt(content.subarray(start).toString('utf8'), 10) || 'It wrote nothing.';
}

function notStarted(why: string, next: string, cause?: unknown): GantryError {
  return new GantryError({
    code: 'docker.not-started',
    whose: 'environment',
    message: 'Docker Engine did not start',
    why,
    next,
    cause,
  });
}

function refusal(message: string, why: string | undefined, next: string): GantryError {
  return new GantryError({
    code: 'docker.not-installable',
    whose: 'environment',
    message,
    ...(why ? { why } : {}),
    next,
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
