import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DemoServer } from './client.ts';
import { type DockerServer, FLAVOR, machineAddress, startDockerServers } from './docker-servers.ts';
import { waitUntil } from './gantry.ts';
import { useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { Volumes } from './volumes.ts';

/** Docker's volumes in Cinder, with the real client of Docker in real servers. */
const cloud = 'e2evolumeplugin';
const group = useGroupCloud(
  cloud,
  `services: {ceph: true, cinder: true}\npublic: {address: ${machineAddress()}}\n`,
);
const user = new Volumes(cloud, group);

/** Of an encrypted device (LUKS 1), as printf takes it. */
const SIGNATURE = 'LUKS\\272\\276\\000\\001';

describe('servers with Docker Engine', () => {
  let one: DockerServer;
  let two: DockerServer;
  let servers: DockerServer[] = [];

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    const like = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
    await expectDone(group(), 'images', 'publish', 'docker-server');
    await group().gantry.output('openstack', 'flavor', 'create', '--ram', '768', '--disk', '3', FLAVOR);
    servers = await startDockerServers(group(), user, like, ['one', 'two']);
    [one, two] = servers as [DockerServer, DockerServer];
  });

  beforeEach(({ onTestFailed }) => {
    onTestFailed(async () => {
      for (const server of servers) await server.keepJournal();
    });
  });

  const statusOf = (volume: string) => user.statusOf('volume', volume);

  test('know the plugin, and give their networks the MTU of the card', async () => {
    expect(await one.run('docker info -f "{{.Plugins.Volume}}"')).toContain('cinder');
    const card = await one.run('cat /sys/class/net/eth0/mtu');
    expect(await one.run('cat /sys/class/net/docker0/mtu')).toBe(card);
    await one.run('docker network create own');
    const bridge = await one.run('docker network inspect own -f "br-{{slice .Id 0 12}}"');
    const mtu = await one.run(
      `docker run -d --name up --network own tiny sleep 60 >/dev/null && cat /sys/class/net/${bridge}/mtu && docker rm -f up >/dev/null`,
    );
    expect(mtu).toBe(card);
    await one.run('docker network rm own');
  });

  test('keep what containers write in volumes of Cinder, which are theirs no longer than they need them', async () => {
    await one.run('docker volume create -d cinder -o size=1 -o uid=1000 -o mode=0700 db');
    await one.run('docker volume create -d cinder db');
    expect(await user.openstack('volume', 'list', '-f', 'value', '-c', 'Name')).toBe('db\n');
    expect(await one.run('docker volume ls -q')).toBe('db');
    expect(await two.run('docker volume inspect db -f "{{.Driver}} {{.Scope}} {{.Status.status}}"')).toBe(
      'cinder global available',
    );
    await one.inContainer('db', 'echo kept > /d/file; sync');
    expect(await statusOf('db')).toBe('available');
    expect(await one.inContainer('db', 'cat /d/file')).toBe('kept');
    expect(await one.run('docker run --rm -v db:/d tiny /bin/busybox stat -c "%u %a" /d')).toBe('1000 700');
    expect(await two.inContainer('db', 'cat /d/file')).toBe('kept');
  });

  test('find each of two disks, whichever came first', async () => {
    await one.run('docker volume create -d cinder first && docker volume create -d cinder second');
    const both = (command: string, ...order: string[]) =>
      one.run(
        `docker run --rm ${order.map((name) => `-v ${name}:/${name}`).join(' ')} tiny sh -c '${command}'`,
      );
    await both('echo 1 > /first/is; echo 2 > /second/is; sync', 'first', 'second');
    // Alone and then together, the other one is attached first.
    const holder = await one.run('docker run -d -v second:/second tiny sleep 600');
    expect(await both('cat /first/is /second/is', 'first', 'second')).toBe('1\n2');
    expect(await statusOf('second')).toBe('in-use');
    await one.run(`docker rm -f ${holder}`);
    expect(await statusOf('second')).toBe('available');
    await one.run('docker volume rm first second');
    expect(await one.run('docker volume ls -q')).toBe('db');
  });

  test('leave a volume to the containers that have it, whatever is copied out of it and whoever is killed', async () => {
    await one.run('docker run -d --name app -v db:/d tiny sleep 600');
    await one.run('docker run -d --name other -v db:/d tiny sleep 600');
    expect(await one.run('docker cp app:/d/file - | tar -xO')).toBe('kept');
    await one.run('sudo systemctl kill -s SIGKILL volume-plugin');
    await one.run('docker stop -t 1 app');
    expect(await one.run('docker exec other cat /d/file')).toBe('kept');
    expect(await one.refusal('docker volume rm db')).toContain('volume is in use');
    await one.run('docker rm app');
  });

  test('take from no other server what it uses, and say who has it', async () => {
    const said = await two.refusal('docker run --rm -v db:/d tiny cat /d/file');
    expect(said).toMatch(
      /the volume db is attached to the server one \([0-9a-f-]{36}\), used by containers? .*other/,
    );
    expect(await one.run('docker exec other cat /d/file')).toBe('kept');
    await two.write('/etc/gantry/volume-plugin.yaml', 'preempt: true\n', '644');
    await two.run('sudo systemctl restart volume-plugin');
    expect(await two.refusal('docker run --rm -v db:/d tiny cat /d/file')).toContain('which is ACTIVE');
  });

  test('format nothing that is not empty, and change nothing there', async () => {
    const { id } = JSON.parse(
      await user.openstack(
        'volume',
        'create',
        '--size',
        '1',
        '--property',
        'docker.driver=cinder',
        'locked',
        '-f',
        'json',
      ),
    ) as { id: string };
    await user.waitFor('locked', 'available');
    const disk = `/dev/$(grep -l ^${id.slice(0, 20)} /sys/block/*/serial | cut -d/ -f4)`;
    const attached = async (command: string) => {
      await user.openstack('server', 'add', 'volume', 'two', 'locked');
      await waitUntil('the disk of locked', 60_000, () =>
        two.run(`ls ${disk}`).then((path) => path !== '/dev/' || undefined),
      );
      const said = await two.run(command);
      await user.openstack('server', 'remove', 'volume', 'two', 'locked');
      await user.waitFor('locked', 'available');
      return said;
    };
    const digest = `sudo sha256sum ${disk} | cut -d" " -f1`;
    const before = await attached(`printf '${SIGNATURE}' | sudo tee ${disk} >/dev/null && sync && ${digest}`);
    const said = await two.refusal('docker run --rm -v locked:/d tiny cat /d/file');
    expect(said).toContain('it holds an encrypted device (LUKS): Nothing was changed.');
    await user.waitFor('locked', 'available');
    expect(await attached(digest)).toBe(before);
  });

  test('say in one sentence what cannot be', async () => {
    const refused = async (...options: string[]) =>
      two.refusal(`docker volume create -d cinder ${options.map((one) => `-o ${one}`).join(' ')} wrong`);
    expect(await refused('size=10G')).toContain(
      'size "10G" is not a whole number of GiB from 1 to 65536: Write 10.',
    );
    expect(await refused('sise=1')).toContain('there is no option "sise"; did you mean "size"?');
    expect(await refused('size=60000')).toMatch(/[Qq]uota/);
    expect(await refused('type=golden')).toContain('golden');
    await two.run('docker volume create -d cinder -o filesystem=xfs other');
    expect(await two.refusal('docker run --rm -v other:/d tiny cat /d/file')).toContain(
      'this server has no mkfs.xfs: apt-get install xfsprogs',
    );
    await two.run('docker volume rm other');
  });

  test('take the volume of a server that is off, with what was written there', async () => {
    await user.openstack('server', 'stop', 'one');
    await waitUntil('the server one off', 180_000, async () =>
      (await user.openstack('server', 'show', 'one', '-f', 'value', '-c', 'status')).trim() === 'SHUTOFF'
        ? true
        : undefined,
    );
    expect(await two.inContainer('db', 'cat /d/file')).toBe('kept');
    await two.run('docker volume rm db');
    expect(await user.openstack('volume', 'list', '-f', 'value', '-c', 'Name')).toBe('locked\n');
  });

  test('go without a trace', async () => {
    for (const server of servers) await user.openstack('server', 'delete', '--wait', server.name);
    await user.openstack('volume', 'delete', 'locked');
    await expectDone(group(), 'demo', '--remove');
  });
});
