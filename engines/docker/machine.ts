import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { access, readdir, readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { formatAddress } from '../../src/model/cidr.ts';
import { parseCpuList } from '../../src/model/cpu-list.ts';
import { type NetworkInterface, networkCommands, parseNetwork } from '../../src/model/node-network.ts';
import type { Protocol } from '../../src/model/workload.ts';
import type { HasModule } from './kernel.ts';

export interface Route {
  /** CIDR. */
  destination: string;
  interface: string;
}

/** What this machine is like, as far as it matters to a cloud whose engine runs on it. */
export interface MachineFacts {
  kernel: HasModule;
  /** Capabilities that a process on this machine can have at all, as the bits of CapBnd. */
  capabilities: bigint;
  routes: Route[];
  memoryAvailableMiB: number;
  /** CPUs that are online, by number; undefined where this cannot be seen, as of NUMA nodes. */
  cpus: readonly number[] | undefined;
  /** NUMA nodes that have memory. */
  numaNodes: readonly number[] | undefined;
  /** On the file system of the engine's data; undefined where it cannot be seen. */
  diskFreeMiB: number | undefined;
  kvm: boolean;
  /** Undefined where nothing here says so. */
  clockSynchronized: boolean | undefined;
}

/** Looks at this machine; changes nothing. `dataRoot` is the engine's directory of images and volumes. */
export async function readMachine(dataRoot: string): Promise<MachineFacts> {
  const [kernel, status, routes, meminfo, cpus, numaNodes, disk, kvm, clockSynchronized] = await Promise.all([
    readKernel(),
    readText('/proc/self/status'),
    readText('/proc/net/route'),
    readText('/proc/meminfo'),
    readText('/sys/devices/system/cpu/online'),
    readText('/sys/devices/system/node/has_memory'),
    statfs(dataRoot).catch(() => undefined),
    exists('/dev/kvm'),
    readClockState(),
  ]);
  return {
    kernel,
    capabilities: BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`),
    routes: parseRoutes(routes),
    memoryAvailableMiB: Math.floor(Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) / 1024),
    cpus: parseCpuList(cpus.trim()),
    numaNodes: parseCpuList(numaNodes.trim()),
    diskFreeMiB: disk && Math.floor((disk.bavail * disk.bsize) / 1024 ** 2),
    kvm,
    clockSynchronized,
  };
}

/** The interfaces of this machine; undefined where it has no `ip` to tell of them. */
export async function readInterfaces(): Promise<NetworkInterface[] | undefined> {
  const run = promisify(execFile);
  try {
    const outputs = await Promise.all(
      networkCommands.map(async ([program = '', ...args]) => {
        const { stdout } = await run(program, args, { maxBuffer: 64 * 1024 ** 2, timeout: 10_000 });
        return stdout;
      }),
    );
    return parseNetwork(outputs);
  } catch {
    return undefined;
  }
}

/** Loaded, built in, or there to be loaded: in the list of modules, or by the kernel's own configuration. */
async function readKernel(): Promise<HasModule> {
  const modules = `/lib/modules/${release()}`;
  const [loaded, builtin, loadable, config] = await Promise.all([
    readdir('/sys/module').catch((): string[] => []),
    readText(`${modules}/modules.builtin`),
    readText(`${modules}/modules.dep`),
    readKernelConfig(),
  ]);
  return ({ name, option = name.toUpperCase() }) => {
    // Files of modules may have hyphens where the modules have underscores.
    const file = new RegExp(`/${name.replaceAll('_', '[-_]')}\\.ko`, 'm');
    const compiledIn = new RegExp(`^CONFIG_${option}=y$`, 'm').test(config);
    return loaded.includes(name) || file.test(builtin) || file.test(loadable) || compiledIn;
  };
}

async function readKernelConfig(): Promise<string> {
  try {
    return gunzipSync(await readFile('/proc/config.gz')).toString('utf8');
  } catch {
    return readText(`/boot/config-${release()}`);
  }
}

/** Format: proc(5). Numbers are hexadecimal in the byte order of the machine, which is little-endian. */
export function parseRoutes(text: string): Route[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8)
    .map((fields) => {
      const mask = reverseBytes(fields[7] as string);
      const prefix = mask.toString(2).replace(/0/g, '').length;
      return {
        interface: fields[0] as string,
        destination: `${formatAddress(reverseBytes(fields[1] as string))}/${prefix}`,
      };
    });
}

function reverseBytes(hex: string): number {
  return Number.parseInt(hex.match(/../g)?.reverse().join('') ?? '0', 16);
}

/** systemd-timesyncd and chrony leave a file once the clock was set from a server. */
async function readClockState(): Promise<boolean | undefined> {
  if (await exists('/run/systemd/timesync/synchronized')) return true;
  if (await exists('/run/chrony')) return true;
  return (await exists('/run/systemd/system')) ? false : undefined;
}

/** Why nothing can listen at the address and port: an error code such as EADDRINUSE. */
export function portProblem(
  address: string,
  port: number,
  protocol: Protocol = 'tcp',
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    if (protocol === 'udp') {
      const socket = createSocket('udp4').once('error', fail);
      socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
      return;
    }
    const server = createServer().once('error', fail);
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Whether the name has an address here. */
export function resolves(name: string): Promise<boolean> {
  return lookup(name).then(
    () => true,
    () => false,
  );
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
