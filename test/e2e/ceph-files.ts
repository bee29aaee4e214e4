import { CephCluster } from './ceph-cluster.ts';
import type { Gantry } from './gantry.ts';

/** How `gantry status` tells of the servers of files. */
interface ShownServers {
  isServed: boolean;
  /** Of two with one name, each that has started has a number of its own. */
  servers: { gid: number; name: string; state: string }[];
}

/** User and group that Ceph's tools run as in its containers. */
const OWNER = ['--uid', '930', '--gid', '930'];

/** The file system in a cloud's Ceph cluster, as those who share it and their clients see it. */
export class CephFiles {
  private readonly cluster: CephCluster;

  constructor(private readonly use: () => { gantry: Gantry }) {
    this.cluster = new CephCluster(use);
  }

  async shown(): Promise<ShownServers> {
    const { stdout } = await this.use().gantry.run('status', '-o', 'json');
    return JSON.parse(stdout).services.cephfs;
  }

  async active(): Promise<ShownServers['servers'][number] | undefined> {
    const { servers } = await this.shown();
    return servers.find(({ state }) => state === 'up:active');
  }

  /** Ends an active server at once, as a fault of its own does. */
  async crash(name: string): Promise<void> {
    const instance = `ceph-mds.${name === 'a' ? 0 : 1}`;
    const end = ['bash', '-c', 'kill -9 $(< /proc/1/task/1/children)'];
    await this.use().gantry.run('exec', instance, '--', ...end);
  }

  /** The words behind `ceph`, of the client that makes subvolumes. */
  words(...words: string[]): string[] {
    return ['exec', 'ceph-mds', '--', 'timeout', '60', 'ceph', '--name', 'client.subvolumes', ...words];
  }

  /** Resolves to the path of a new subvolume of 64 MiB. */
  async makeSubvolume(name: string): Promise<string> {
    const { gantry } = this.use();
    const size = ['--size', String(64 * 2 ** 20)];
    await gantry.output(...this.words('fs', 'subvolume', 'create', 'cephfs', name, ...size, ...OWNER));
    return (await gantry.output(...this.words('fs', 'subvolume', 'getpath', 'cephfs', name))).trim();
  }

  /** 8 MiB, in a directory that is made for it. */
  async write(path: string): Promise<void> {
    await this.mounted(
      `files.mkdirs(os.path.dirname('${path}'), 0o755)`,
      `handle = files.open('${path}', 'w', 0o644)`,
      'files.write(handle, os.urandom(8 << 20), 0)',
      'files.fsync(handle, 0)',
      'files.close(handle)',
    );
  }

  checksum(path: string): Promise<string> {
    return this.mounted(
      `handle = files.open('${path}', 'r')`,
      'print(hashlib.sha256(files.read(handle, 0, 16 << 20)).hexdigest())',
      'files.close(handle)',
    );
  }

  /** By libcephfs, where an administrator's key is; resolves to what the lines of Python print. */
  private mounted(...lines: string[]): Promise<string> {
    const script = [
      'import cephfs, hashlib, os',
      "files = cephfs.LibCephFS(conffile='/etc/ceph/ceph.conf', auth_id='admin')",
      "files.mount(filesystem_name=b'cephfs')",
      ...lines,
      'files.shutdown()',
    ];
    return this.cluster.inMonitor('python3', '-c', script.join('\n'));
  }
}
