import { createSocket } from 'node:dgram';
import type { Process } from '../../src/model/workload.ts';
import { waitUntil } from './gantry.ts';
import { forever, processOf } from './workloads.ts';

/** What engines give processes of the machine that they run on. The image has Python and programs for block devices. */
export const givenImage = 'openstack';

const ANSWER_MS = 500;

/** Healthy, as all of these, once /tmp/ready is there. */
function given(name: string, more: Partial<Process>): Process {
  return processOf(name, forever, { image: givenImage, tmpfs: ['/tmp'], ...more });
}

/**
 * Has the device, and writes to it.
 * @param content the signatures that are its own (see BlockDevice)
 */
export function writerOf(
  name: string,
  block: string,
  content: readonly string[],
  more: Partial<Process> = {},
): Process {
  return given(name, {
    user: '0:0',
    needs: { devices: [{ block, path: '/dev/telescope', content }] },
    ...more,
  });
}

/** What is at the beginning of a writer's device, after it wrote there. */
export const writeAndRead = [
  'sh',
  '-c',
  'echo seen | dd of=/dev/telescope conv=fsync status=none; head -c 4 /dev/telescope',
];

/** Memory that the container may use, in bytes, in either version of cgroups. */
export const readLimit = [
  'sh',
  '-c',
  'cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes',
];

export function limitedOf(name: string, resources: Process['resources']): Process {
  return given(name, { resources });
}

const echo = `import pathlib, socket
asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asked.bind(("0.0.0.0", 5354))
pathlib.Path("/tmp/ready").touch()
while True:
    text, who = asked.recvfrom(512)
    asked.sendto(text.upper(), who)`;

/** Answers each datagram with its text in capitals. */
export function echoOf(name: string, publicPort: number): Process {
  return given(name, {
    command: ['python3', '-c', echo],
    ports: [{ name: 'echo', port: 5354, protocol: 'udp', publicPort }],
  });
}

/** The answer to a datagram, which is sent again until there is one: those that are lost are lost. */
export async function askByDatagram(address: string, port: number, text: string): Promise<string> {
  return waitUntil(`an answer of ${address}:${port}/udp`, 20_000, async () => {
    const socket = createSocket('udp4');
    try {
      return await new Promise<string | undefined>((resolve) => {
        socket.on('message', (message) => resolve(message.toString()));
        socket.on('error', () => resolve(undefined));
        socket.send(text, port, address);
        setTimeout(() => resolve(undefined), ANSWER_MS);
      });
    } finally {
      socket.close();
    }
  });
}

/** The same from a process of the cloud, by a name inside. */
export function askInside(name: string, text: string): string[] {
  const script = `import socket, sys
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(1)
for _ in range(20):
    try:
        asking.sendto(sys.argv[2].encode(), (sys.argv[1], 5354))
        print(asking.recv(512).decode())
        break
    except OSError as problem:
        last = problem
else:
    sys.exit(str(last))`;
  return ['python3', '-c', script, name, text];
}
