import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Containers } from './containers.ts';

const run = promisify(execFile);

/** Runs a command of this machine in a namespace of a container; resolves to its standard output. */
async function runIn(
  namespaces: string[],
  containers: Containers,
  name: string,
  command: string[],
): Promise<string> {
  const pid = (await containers.inspect()).get(name)?.State.Pid;
  if (!pid) throw new Error(`${name} does not run`);
  return (await run('nsenter', ['--target', `${pid}`, ...namespaces, ...command])).stdout;
}

/** Runs a command of this machine in the network namespace of a container; resolves to its standard output. */
export async function runInNetwork(containers: Containers, name: string, command: string[]): Promise<string> {
  return runIn(['--net'], containers, name, command);
}

/** Runs a command of a container as root among its mounts, with all of root's rights; resolves to its standard output. */
export async function runInMounts(containers: Containers, name: string, command: string[]): Promise<string> {
  // umount (util-linux 2.41) looks itself up in /proc, which knows the container's processes only.
  return runIn(['--mount', '--pid'], containers, name, command);
}

/**
 * Has packets that a container sends be lost.
 * @param packets which ones, in iptables' words
 * @returns a function that has them pass again
 */
export async function dropPackets(
  containers: Containers,
  name: string,
  packets: string[],
): Promise<() => Promise<void>> {
  const change = async (how: '--insert' | '--delete'): Promise<void> => {
    await runInNetwork(containers, name, ['iptables', '--wait', how, 'OUTPUT', ...packets, '--jump', 'DROP']);
  };
  await change('--insert');
  return () => change('--delete');
}
