import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const directory = '/machine';
const sshPort = 2222;
const monitorPort = 4444;

export interface MachineImages {
  guest: string;
  /** Has QEMU. */
  libvirt: string;
  /** Has the SSH client. */
  client: string;
  /** Has the program that Nova makes config drives with. */
  novaCompute: string;
}

export interface StartOptions {
  /** QEMU's name of the board. */
  board: 'pc' | 'q35';
  memoryMib: number;
  /** Content of the config drive, by path on it. Without it there is none. */
  configDrive?: Record<string, string>;
  /** What a metadata service answers on 169.254.169.254, by path. Without it nothing answers there. */
  service?: Record<string, string>;
}

/**
 * One disk made from the guest image, and a machine that QEMU emulates around it inside a container. The disk stays
 * from start to start. All of it goes with `remove`.
 */
export class GuestMachine {
  private readonly images: MachineImages;
  private machine = '';
  private client = '';
  /** The SSH public key that belongs to `ssh`. */
  publicKey = '';

  constructor(images: MachineImages) {
    this.images = images;
  }

  /** Makes the containers and a disk of this size. */
  async create(diskMib: number): Promise<void> {
    this.machine = await startIdle(this.images.libvirt);
    this.client = await startIdle(this.images.client, '--network', `container:${this.machine}`);
    await this.runInMachine('mkdir', directory);
    await this.copyDisk();
    await this.runInMachine('qemu-img', 'resize', '-q', `${directory}/disk.qcow2`, `${diskMib}M`);
    await this.runInClient('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/tmp/key');
    this.publicKey = (await this.runInClient('cat', '/tmp/key.pub')).trim();
  }

  async remove(): Promise<void> {
    for (const id of [this.client, this.machine])
      if (id) await run('docker', ['rm', '--force', '--volumes', id]);
  }

  async start(options: StartOptions): Promise<void> {
    const words = [
      '-machine',
      `${options.board},accel=tcg`,
      '-m',
      String(options.memoryMib),
      '-display',
      'none',
    ];
    words.push(
      '-serial',
      `file:${directory}/console`,
      '-monitor',
      `tcp:127.0.0.1:${monitorPort},server,nowait`,
    );
    words.push('-drive', `if=virtio,file=${directory}/disk.qcow2`, '-device', 'virtio-net-pci,netdev=first');
    let network = `user,id=first,hostfwd=tcp:127.0.0.1:${sshPort}-:22`;
    if (options.service) {
      await this.writeFiles({ answer: answerScript });
      await this.serve(options.service);
      network += `,net=169.254.169.0/24,guestfwd=tcp:169.254.169.254:80-cmd:sh ${directory}/answer`;
    }
    words.push('-netdev', network);
    if (options.configDrive) {
      await this.makeConfigDrive(options.configDrive);
      words.push('-cdrom', `${directory}/config.iso`);
    }
    if (options.board === 'q35')
      words.push('-device', 'pcie-root-port,id=slot1', '-device', 'pcie-root-port,id=slot2,chassis=1');
    await this.runInMachine('qemu-system-x86_64', ...words, '-daemonize', '-pidfile', `${directory}/pid`);
  }

  /** Has the metadata service answer this as well, by path. */
  serve(answers: Record<string, string>): Promise<void> {
    return this.writeFiles(prefixed('service', answers));
  }

  /** Sends a command to QEMU's monitor. */
  async monitor(command: string): Promise<void> {
    const script = 'exec 3<>/dev/tcp/127.0.0.1/"$0"; echo "$1" >&3; timeout 1 cat <&3 || true';
    await this.runInMachine('bash', '-c', script, String(monitorPort), command);
  }

  console(): Promise<string> {
    return this.runInMachine('cat', `${directory}/console`);
  }

  /** Runs a command in the guest and gives what it prints. Throws with its error output when it fails. */
  ssh(user: string, command: string): Promise<string> {
    const options = [
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'ConnectTimeout=5',
    ];
    options.push('-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR');
    return this.runInClient(
      'ssh',
      '-i',
      '/tmp/key',
      '-p',
      String(sshPort),
      ...options,
      `${user}@127.0.0.1`,
      command,
    );
  }

  async isRunning(): Promise<boolean> {
    const script = `kill -0 "$(cat ${directory}/pid)" 2> /dev/null && echo yes || echo no`;
    return (await this.runInMachine('sh', '-c', script)).trim() === 'yes';
  }

  /** The hard way, as a power cut. */
  async stop(): Promise<void> {
    const script = `pid=$(cat ${directory}/pid); while kill "$pid" 2> /dev/null; do sleep 0.1; done`;
    await this.runInMachine('sh', '-c', script);
  }

  private async copyDisk(): Promise<void> {
    const { stdout: id } = await run('docker', ['create', this.images.guest]);
    const local = await mkdtemp(join(tmpdir(), 'gantry-guest-'));
    try {
      await run('docker', ['cp', `${id.trim()}:/guest/gantry-guest.qcow2`, `${local}/disk.qcow2`]);
      await run('docker', ['cp', `${local}/disk.qcow2`, `${this.machine}:${directory}/`]);
    } finally {
      await run('docker', ['rm', id.trim()]);
      await rm(local, { recursive: true });
    }
  }

  private async writeFiles(files: Record<string, string>): Promise<void> {
    const local = await writeTree(files);
    try {
      await run('docker', ['cp', `${local}/.`, `${this.machine}:${directory}/`]);
    } finally {
      await rm(local, { recursive: true });
    }
  }

  /** Made as Nova makes them. */
  private async makeConfigDrive(files: Record<string, string>): Promise<void> {
    const local = await writeTree(files);
    const { stdout } = await run('docker', ['create', this.images.novaCompute, ...configDriveCommand]);
    const id = stdout.trim();
    try {
      await run('docker', ['cp', `${local}/.`, `${id}:/tmp/drive`]);
      await run('docker', ['start', '--attach', id]);
      await run('docker', ['cp', `${id}:/tmp/config.iso`, `${local}/config.iso`]);
      await run('docker', ['cp', `${local}/config.iso`, `${this.machine}:${directory}/`]);
    } finally {
      await run('docker', ['rm', '--force', id]);
      await rm(local, { recursive: true });
    }
  }

  private runInMachine(...command: string[]): Promise<string> {
    return runIn(this.machine, command);
  }

  private runInClient(...command: string[]): Promise<string> {
    return runIn(this.client, command);
  }
}

const configDriveCommand = [
  'genisoimage',
  '-o',
  '/tmp/config.iso',
  '-ldots',
  '-allow-lowercase',
  '-allow-multidot',
];
configDriveCommand.push(
  '-l',
  '-publisher',
  'OpenStack',
  '-quiet',
  '-J',
  '-r',
  '-V',
  'config-2',
  '/tmp/drive',
);

/** One HTTP answer, between standard input and output. */
const answerScript = `
read -r method path version
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
file=${directory}/service$path
[ ! -d "$file" ] || file=\${file%/}/index
if [ -f "$file" ]; then
  printf 'HTTP/1.0 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n' "$(stat -c %s "$file")"
  cat "$file"
else
  printf 'HTTP/1.0 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n'
fi
`;

function prefixed(prefix: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${prefix}/${path}`, content]));
}

async function writeTree(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'gantry-guest-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

async function startIdle(image: string, ...options: string[]): Promise<string> {
  const { stdout } = await run('docker', [
    'run',
    '--detach',
    '--user',
    '0',
    ...options,
    image,
    'sleep',
    'infinity',
  ]);
  return stdout.trim();
}

async function runIn(container: string, command: string[]): Promise<string> {
  const { stdout } = await run('docker', ['exec', container, ...command], { timeout: 60_000 });
  return stdout;
}
