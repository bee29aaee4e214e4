import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { CephCluster } from './ceph-cluster.ts';
import { ApiClient, DemoServer } from './client.ts';
import { qemuOf } from './containers.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { STORE, takeAndGiveBack } from './objects.ts';
import { expectDone, expectDoneWhileAsked } from './parts/cloud.ts';
import { Volumes } from './volumes.ts';

/** New keys for all who use pools of Ceph, on a real Docker Engine, while a server writes to a volume and to its own disk. */
const cloud = 'e2ecephkeys';
const group = useGroupCloud(
  cloud,
  `services: {ceph: true, cinder: true, rgw: true}
images: {stores: [files, ceph], defaultStore: ceph}
compute: {disks: ceph}
`,
);
const cluster = new CephCluster(group);
const volumes = new Volumes(cloud, group);

/** Writes a number to both disks, waits until they have it, and counts; says where one does not take it. */
const writer = `i=0
while :; do
  i=$((i + 1))
  { echo $i | dd of=/dev/vdb conv=fsync,notrunc && echo $i > /written && sync; } 2> /tmp/said || echo $i >> /tmp/failed
  echo $i > /tmp/counted && mv /tmp/counted /tmp/count
  sleep 0.2
done`;

const rotate = ['rotate', 'ceph-keys', '--yes'] as const;

describe('keys by which pools of Ceph are opened', () => {
  let server: DemoServer;
  let id: string;

  async function startWriting(): Promise<void> {
    const script = `rm -f /tmp/count; setsid sh writer > /dev/null 2>&1 < /dev/null &`;
    await server.run(`echo '${writer}' > writer && doas sh -c '${script}'`);
    await waitUntil('the writer', 30_000, () => server.run('cat /tmp/count').catch(() => undefined));
  }

  async function expectWriting(): Promise<void> {
    const count = async () => Number(await server.run('cat /tmp/count'));
    const before = await count();
    await waitUntil('the server to write', 60_000, async () =>
      (await count()) > before + 5 ? true : undefined,
    );
    const said = 'cat /tmp/failed 2> /dev/null; doas dmesg | grep -i "i/o error"; true';
    expect(await server.run(said)).toBe('');
  }

  /** As whom the server has its disks open. */
  async function logins(): Promise<string[]> {
    const told = await group().gantry.output('exec', 'libvirt', '--', 'tell-logins');
    return told.trimEnd().split('\n').sort();
  }
  const as = (...names: string[]) => names.map((name) => `${id}\t${name}`);

  const keyOf = async (client: string) =>
    (await cluster.inMonitor('ceph', 'auth', 'get-key', `client.${client}`)).trim();

  const askForObject = async () =>
    (await ApiClient.open(group().gantry)).askAllTheTime({
      type: STORE,
      path: '/photos/first',
      openPath: '/swift/healthcheck',
    });

  async function startAgain(): Promise<void> {
    await volumes.openstack('server', 'reboot', '--hard', '--wait', id);
    await waitUntil('the server', 180_000, () => server.run('hostname').catch(() => undefined));
    await startWriting();
    await expectWriting();
  }

  /** Ends a rotation by a signal as soon as it says this. */
  async function cutOff(at: string, signal: NodeJS.Signals): Promise<void> {
    const running = group().gantry.start(...rotate);
    await waitUntil(at, 120_000, async () => (running.progress().includes(at) ? true : undefined));
    running.child.kill(signal);
    expect((await running.finished).code).not.toBe(0);
    await expectWriting();
  }

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
    id = (await volumes.openstack('server', 'list', '-f', 'value', '-c', 'ID')).trim();
    await volumes.create('disk');
    await volumes.give('disk');
    await takeAndGiveBack(group(), randomBytes(100_000));
    await startWriting();
  });

  testComing(group);

  test('become new while servers write, and no request fails', async () => {
    const [qemu, key] = [await qemuOf(id), await keyOf('openstack')];
    expect(await logins()).toEqual(as('openstack', 'servers'));
    await expectDoneWhileAsked(group(), await askForObject(), ...rotate);
    await expectDone(group(), 'plan', '--detailed-exitcode');
    expect(await qemuOf(id)).toEqual(qemu);
    expect(await logins()).toEqual(as('openstack', 'servers'));
    expect(await keyOf('openstack')).toBe(key);
    await expectWriting();
  });

  test('of before are what servers go on with when every daemon of the cluster is started again', async () => {
    for (const daemon of ['ceph-osd-1', 'ceph-mgr', 'ceph-mon', 'ceph-osd-1'])
      await group().containers.restart(daemon);
    await cluster.waitForHealth();
    await expectWriting();
  });

  test('of before are kept while a server has them, whose id is told', async () => {
    const before = await group().containers.identities();
    const { code, stderr } = await group().gantry.run(...rotate);
    expect([code, stderr]).toEqual([1, expect.stringContaining(id)]);
    expect(await group().containers.identities()).toEqual(before);
    await startAgain();
    expect(await logins()).toEqual(as('openstack-b', 'servers-b'));
  });

  test('are put to use by the next time where that was cut off, and both are valid meanwhile', async () => {
    const key = await keyOf('openstack');
    await cutOff('Putting the new keys to use', 'SIGKILL');
    expect(await keyOf('openstack')).not.toBe(key);
    const { stderr } = await expectDone(group(), ...rotate);
    expect(stderr).toContain('Finishing first');
    expect(stderr).toContain(id);
    await expectDone(group(), 'plan', '--detailed-exitcode');
    await startAgain();
    expect(await logins()).toEqual(as('openstack', 'servers'));
  });

  test('are made once more where it was cut off before they were valid', async () => {
    await cutOff('Making the new keys valid', 'SIGINT');
    await expectDone(group(), ...rotate);
    await expectDone(group(), 'plan', '--detailed-exitcode');
    await startAgain();
    expect(await logins()).toEqual(as('openstack-b', 'servers-b'));
    expect(await volumes.check()).toEqual([]);
  });

  testChecks(group, 'image download', 'block pools', 'volumes', 'objects');

  testGoing(group);
});
