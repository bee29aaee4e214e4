import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNameServers } from '../../engines/docker/name-servers.ts';
import { findUnclear, readDeclared, readRules, toTable } from '../../scripts/client-arguments.ts';
import { loadArgumentTable } from '../../src/client/load.ts';
import { releases } from '../../src/model/releases.ts';
import { projectRoot } from '../../src/root.ts';
import { keepState, lookWhenTestsFail } from './artifacts.ts';
import { ApiClient, DemoServer } from './client.ts';
import { addedBetween, Containers, childrenOf, commandLines, type Machine, qemuOf } from './containers.ts';
import { askDatabase } from './database.ts';
import { Gantry, type Result, waitUntil } from './gantry.ts';
import { subnetsWithoutDhcp } from './late-copy.ts';
import { dropPackets } from './namespaces.ts';
import { describeNetworkFailure } from './ovn.ts';
import { testBringUp, testDemoUser } from './parts/bring-up.ts';
import { testChanges, testRefusals } from './parts/changes.ts';
import { type CloudInTest, expectAnswered, expectDone, report } from './parts/cloud.ts';
import { testCommands, testMachineSide } from './parts/commands.ts';
import { testDoors } from './parts/doors.ts';
import { testFiles } from './parts/files.ts';
import { testGuests } from './parts/guests.ts';
import { testRotation, testRotationOfAll } from './parts/rotation.ts';
import { someOfEachService, testTempest, testUnknownTests } from './parts/tempest.ts';
import { expectDataKept, testServices, testStoppedServer, testUse } from './parts/use.ts';

/**
 * What Gantry promises its users, kept by a real cloud on a real Docker Engine. The tests share one cloud and run in
 * this order: each leaves it as it found it.
 */
const cloud = 'e2e';
/** Processes of which a part is root on the host; why is theirs to say. Of nova-compute it is the one that plugs ports. */
const rootProcesses = [
  'libvirt',
  'neutron-ovn-metadata',
  'nova-compute',
  'openvswitch',
  'openvswitch-db',
  'ovn-controller',
  'virtlogd',
];
const nothingSpecial = '{}\n';

let directory: string;
let gantry: Gantry;
let containers: Containers;
let machine: Machine;
let broughtUp: Result;
let demo: DemoServer;
let demoId: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-e2e-'));
  gantry = new Gantry(cloud, directory);
  containers = await Containers.open(cloud);
  await gantry.configure(nothingSpecial);
  await gantry.output('down', '--volumes', '--yes');
  machine = await containers.machine();
  broughtUp = await gantry.run('up', '--demo');
  if (broughtUp.code !== 0)
    throw new Error(await describeNetworkFailure(gantry, ['up', '--demo'], broughtUp));
  demo = new DemoServer(broughtUp.stdout.trimEnd().split('\n').at(-1) ?? '');
  const servers = await gantry.output('openstack', 'server', 'list', '--all-projects', '-f', 'json');
  demoId =
    (JSON.parse(servers) as { ID: string; Name: string }[]).find(({ Name }) => Name === 'demo')?.ID ?? '';
});

afterAll(async () => {
  await keepState(gantry);
  await gantry.configure(nothingSpecial);
  await gantry.output('down', '--volumes', '--yes');
  await rm(directory, { recursive: true });
});

lookWhenTestsFail(() => gantry);

/** The lines are all that this engine needs. */
async function configure(lines = ''): Promise<void> {
  await gantry.configure(lines || nothingSpecial);
}

function cloudInTest(): CloudInTest {
  return {
    gantry,
    demo,
    broughtUp,
    configure,
    identities: () => containers.identities(),
    waitUntilHealthy: (limitMs) => containers.waitUntilHealthy(limitMs),
    exposed,
  };
}

async function exposed(): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const [name, info] of await containers.inspect()) {
    places.set(`settings of ${name}`, JSON.stringify(info));
    places.set(`log of ${name}`, await containers.logs(info.Id));
  }
  for (const { pid, command } of await commandLines()) places.set(`process ${pid}`, command);
  return places;
}

/** Waits until Nova has heard from each of its services since then: healthy is not yet in touch with the broker. */
async function waitUntilNovaHears(since: number): Promise<void> {
  await waitUntil('a sign of life of every service of Nova', 150_000, async () => {
    const list = await gantry.output('openstack', 'compute', 'service', 'list', '-f', 'json');
    const services = JSON.parse(list) as { State: string; 'Updated At': string }[];
    const heard = services.every(
      (one) => one.State === 'up' && Date.parse(`${one['Updated At'].slice(0, 19)}Z`) > since,
    );
    return heard || undefined;
  });
}

/** The only QEMU of the demo server. */
async function qemu(): Promise<number> {
  const pids = await qemuOf(demoId);
  expect(pids, `QEMU processes of server ${demoId}`).toHaveLength(1);
  return pids[0] as number;
}

testBringUp(cloudInTest);
testDemoUser(cloudInTest);

describe('an interface that is not to be had', () => {
  test('is refused by plan and up with the reason, and nothing changes', async () => {
    const before = await containers.identities();
    const route = (await readFile('/proc/net/route', 'utf8'))
      .split('\n')
      .find((line) => /\t00000000\t/.test(line));
    const [card = ''] = (route ?? '').split('\t');
    const wrong: Record<string, string> = {
      [card]: `${card} carries the default route`,
      lo: 'lo is the loopback',
      docker0: "docker0 is the bridge of the engine's network bridge",
      'absent0.100': 'there is no interface absent0.100',
    };
    for (const [name, reason] of Object.entries(wrong)) {
      await gantry.configure(`network: {external: {interface: ${name}}}\n`);
      for (const command of ['plan', 'up']) {
        const { code, stderr } = await gantry.run(command);
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(reason) });
      }
    }
    await gantry.configure(nothingSpecial);
    expect(await containers.identities()).toEqual(before);
  });
});
testChanges(cloudInTest);
testRefusals(cloudInTest);
testCommands(cloudInTest);
testMachineSide(cloudInTest);
testDoors(cloudInTest);
testFiles(cloudInTest);

describe('the jobs that make schemas', () => {
  test('are harmless when they run again', async () => {
    await askDatabase(gantry, "DELETE FROM gantry.ledger WHERE name LIKE '%-schema'");
    expect((await gantry.run('plan')).stdout).toContain('nova-schema');
    await expectDone(cloudInTest(), 'up');
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
  });
});

describe("the table of the client's arguments", () => {
  test('is that of the client in the image, and says of each that speaks of files what it does', async () => {
    const release = releases[0].name;
    const [declared, rules] = [await readDeclared(`gantry/client:${release}`), readRules()];
    expect(findUnclear(declared, rules)).toEqual([]);
    expect(loadArgumentTable(projectRoot(), release)).toEqual(toTable(declared, rules));
  });
});

describe('rights', () => {
  test('no container is privileged, and only those that must be are root', async () => {
    for (const [name, info] of await containers.inspect()) {
      expect(info.HostConfig.Privileged, name).toBe(false);
    }
    expect(await containers.rootProcesses()).toEqual(rootProcesses);
  });
});

testRotation(cloudInTest);
testRotationOfAll(cloudInTest);
testGuests(cloudInTest);

describe('servers', () => {
  test('keep running, and connections to them open, while the processes around them restart', async () => {
    const pid = await qemu();
    const session = demo.start('while read line; do echo "heard $line"; done');
    const answer = async (word: string) => {
      session.child.stdin?.write(`${word}\n`);
      await waitUntil(`an answer to "${word}" over the open connection`, 60_000, async () =>
        session.output().includes(`heard ${word}`) ? true : undefined,
      );
    };
    await answer('before');
    for (const name of ['nova-compute', 'libvirt', 'ovn-controller', 'openvswitch']) {
      await containers.restart(name);
      await answer(`after ${name}`);
    }
    session.child.stdin?.end();
    expect((await session.finished).code).toBe(0);
    await containers.waitUntilHealthy(90_000);
    expect(await qemu()).toBe(pid);
  });

  test.each([
    ['what each container runs', childrenOf],
    ['the first process of each container', async (first: number) => [first]],
  ])('outlive the crash of %s, and all processes come back', async (_, victimsOf) => {
    const pid = await qemu();
    for (const [name, { State }] of await containers.inspect()) {
      expect(State.Pid, `the first process of ${name}`).toBeGreaterThan(1);
      const victims = await victimsOf(State.Pid);
      expect(victims, `what is to crash of ${name}`).not.toEqual([]);
      for (const victim of victims) process.kill(victim, 'SIGKILL');
      await waitUntil(`a new container process of ${name}`, 60_000, async () => {
        const now = (await containers.inspect()).get(name);
        return now?.State.Running && now.State.Pid !== State.Pid ? true : undefined;
      });
    }
    const crashed = Date.now();
    await containers.waitUntilHealthy(180_000);
    report(
      `all containers were healthy ${((Date.now() - crashed) / 1000).toFixed(0)} s after the last crash`,
    );
    expect(await qemu()).toBe(pid);
    expect(await demo.run('hostname')).toBe('demo');
    await waitUntilNovaHears(crashed);
    report(
      `Nova heard from all its services ${((Date.now() - crashed) / 1000).toFixed(0)} s after the last crash`,
    );
  });
});

describe('the front door', () => {
  // By itself HAProxy forgets after 30 seconds where instances are: 350 requests take 35.
  test('turns nobody away when it takes up a new certificate and no name is resolved for long', async () => {
    const client = await ApiClient.open(gantry);
    const asking = client.askAllTheTime();
    const letPass = await dropPackets(containers, 'haproxy', ['--protocol', 'udp', '--dst', '127.0.0.11']);
    try {
      const before = await client.certificateSerial();
      await gantry.output('rotate', 'certificate', '--yes');
      const served = asking.ended();
      await expect.poll(() => client.certificateSerial(), { timeout: 10_000 }).not.toBe(before);
      await asking.until(served + 350);
    } finally {
      await letPass();
    }
    expectAnswered(await asking.stop());
  });
});

describe('networks', () => {
  test('have DHCP, however late a worker of the API hears what another one has made', async () => {
    expect(await subnetsWithoutDhcp(gantry, containers, 8)).toEqual([]);
  });

  test('have the name servers of this machine for their servers', async () => {
    const servers = await readNameServers();
    const resolver = await demo.run('cat /run/resolv.conf');
    expect(servers.filter((address) => !resolver.includes(`nameserver ${address}`))).toEqual([]);
  });
});

testUse(cloudInTest);
testServices(cloudInTest);
testStoppedServer(cloudInTest);

testTempest(cloudInTest, someOfEachService);
testUnknownTests(cloudInTest);

describe('taking the cloud down', () => {
  test('removes containers and networks and stops the servers; the data is there afterwards', async () => {
    const { volumes } = await containers.remains();
    await expectDataKept(cloudInTest(), async () => {
      expect(await containers.remains()).toEqual({ containers: [], networks: [], volumes });
      expect(await qemuOf(demoId)).toEqual([]);
    });
  });

  test('can be done with the demo alone, whose project goes with all that it holds', async () => {
    const list = async (kind: string) =>
      (await gantry.output('openstack', kind, 'list', '-f', 'value', '-c', 'Name')).trim().split('\n').sort();
    expect((await expectDone(cloudInTest(), 'demo', '--remove')).stderr).toContain('Removed: project demo');
    expect(await qemuOf(demoId)).toEqual([]);
    expect(await gantry.output('openstack', 'server', 'list', '--all-projects', '-f', 'value')).toBe('');
    expect(await gantry.output('openstack', 'floating', 'ip', 'list', '-f', 'value')).toBe('');
    expect(await gantry.output('openstack', 'router', 'list', '-f', 'value')).toBe('');
    expect(await list('network')).toEqual(['external']);
    expect(await list('project')).not.toContain('demo');
    expect(await list('user')).not.toContain('demo');
    expect((await expectDone(cloudInTest(), 'demo', '--remove')).stderr).toContain('There is no demo');
    await expectDone(cloudInTest(), 'plan', '--detailed-exitcode');
  });

  test('destroys data only when that is confirmed, and then leaves nothing', async () => {
    const refused = await gantry.run('down', '--volumes');
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain('--yes');
    expect((await containers.remains()).containers).not.toEqual([]);

    await expectDone(cloudInTest(), 'down', '--volumes', '--yes');
    expect(await containers.remains()).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await qemuOf(demoId)).toEqual([]);
    const nothing = { containers: [], networks: [], volumes: [], interfaces: [] };
    expect(addedBetween(machine, await containers.machine())).toEqual(nothing);
  });
});
