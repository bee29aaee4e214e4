import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type DemoServer, readCloudEntry } from './client.ts';
import { waitUntil } from './gantry.ts';
import type { GroupCloud } from './group-cloud.ts';
import type { Volumes } from './volumes.ts';

const BOOT_LIMIT_MS = 300_000;
export const FLAVOR = 'm1.docker';

/** An address of this machine that servers reach, as they do not its loopback. */
export function machineAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!found) throw new Error('this machine has no address but its loopback');
  return found.address;
}

/** A server with Docker Engine, as its user sees it over SSH. */
export class DockerServer {
  constructor(
    readonly name: string,
    private readonly login: DemoServer,
  ) {}

  run(command: string): Promise<string> {
    return this.login.run(command);
  }

  /** What a command says that must fail. */
  async refusal(command: string): Promise<string> {
    const running = this.login.start(command);
    running.child.stdin?.end();
    const { code, stdout, stderr } = await running.finished;
    if (code === 0) throw new Error(`${command} did not fail: ${stdout}`);
    return stderr;
  }

  async write(path: string, content: string, mode = '600'): Promise<void> {
    const file = `sudo install -D -m ${mode} /dev/stdin ${path}`;
    const running = this.login.start(file);
    running.child.stdin?.end(content);
    const { code, stderr } = await running.finished;
    if (code !== 0) throw new Error(`${path} was not written: ${stderr}`);
  }

  /** A command in a new container that has a volume at /d. */
  inContainer(volume: string, command: string): Promise<string> {
    return this.run(`docker run --rm -v ${volume}:/d tiny sh -c '${command}'`);
  }

  /** Keeps what the plugin said, for whoever looks for the cause of a failure, with what else is kept: see artifacts.ts. */
  async keepJournal(): Promise<void> {
    const into = process.env.GANTRY_TEST_ARTIFACTS;
    if (!into) return;
    const said = await this.run('sudo journalctl --no-pager -u volume-plugin -n 200').catch(String);
    await writeFile(join(into, `${this.name}.journal`), said);
  }
}

/** The credential that the plugin uses, as OpenStack's client has made it. */
export interface Credential {
  id: string;
  secret: string;
}

/** Starts servers of the published image, and gives them what the plugin needs, once Docker answers there. */
export async function startDockerServers(
  group: GroupCloud,
  user: Volumes,
  like: DemoServer,
  names: readonly string[],
): Promise<DockerServer[]> {
  const made = await user.openstack('application', 'credential', 'create', 'plugin', '-f', 'json');
  const credential = JSON.parse(made) as Credential;
  return Promise.all(
    names.map(async (name) => {
      const how = ['--image', 'docker-server', '--flavor', FLAVOR, '--network', 'demo', '--key-name', 'demo'];
      await user.openstack('server', 'create', ...how, '--wait', name);
      const created = await user.openstack('floating', 'ip', 'create', 'external', '-f', 'json');
      const { floating_ip_address: address } = JSON.parse(created);
      await user.openstack('server', 'add', 'floating', 'ip', name, address);
      const server = new DockerServer(name, like.at(address));
      await waitForDocker(server);
      await giveCredential(group, server, credential);
      await makeTinyImage(server);
      return server;
    }),
  );
}

export async function waitForDocker(server: DockerServer): Promise<void> {
  await waitUntil(`Docker on ${server.name}`, BOOT_LIMIT_MS, () =>
    server.run('docker info -f {{.ServerVersion}}'),
  );
}

async function giveCredential(
  { gantry }: GroupCloud,
  server: DockerServer,
  credential: Credential,
): Promise<void> {
  const entry = await readCloudEntry(gantry);
  await server.write('/etc/gantry/authority.pem', await readFile(entry.cacert, 'utf8'), '644');
  const cloud = {
    auth_type: 'v3applicationcredential',
    cacert: '/etc/gantry/authority.pem',
    auth: {
      auth_url: entry.auth.auth_url,
      application_credential_id: credential.id,
      application_credential_secret: credential.secret,
    },
  };
  await server.write('/etc/gantry/clouds.yaml', JSON.stringify({ clouds: { own: cloud } }));
}

/** Of the server's own BusyBox: there is no registry. */
async function makeTinyImage(server: DockerServer): Promise<void> {
  await server.run(
    'mkdir -p tiny/bin && cp /usr/bin/busybox tiny/bin/ && for one in sh cat sync sleep touch; do ln -sf busybox tiny/bin/$one; done && tar -C tiny -c . | docker import - tiny',
  );
}
