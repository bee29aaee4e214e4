import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient, type Asked, DemoServer } from './client.ts';
import { addedBetween, Containers, childrenOf, commandLines, type Machine, qemuOf } from './containers.ts';
import { describe as describeResult, Gantry, type Result, waitUntil } from './gantry.ts';
import type { CloudInTest } from './parts/cloud.ts';
import { testGuests } from './parts/guests.ts';
import { testRotation } from './parts/rotation.ts';

/**
 * What Gantry promises its users, kept by a real cloud on a real Docker Engine. The tests share one cloud and run in
 * this order: each leaves it as it found it.
 */
const cloud = 'e2e';
/** Processes that need to be root on the host, and why is theirs to say. */
const rootProcesses = [
  'libvirt',
  'neutron-ovn-metadata',
  'openvswitch',
  'openvswitch-db',
  'ovn-controller',
  'virtlogd',
];
const largerPages = 'config:\n  nova.conf:\n    api: {max_limit: 500}\n';
const moreLogs = 'config:\n  nova.conf:\n    DEFAULT: {debug: true}\n';
const nothingSpecial = '{}\n';
/** A few of each service, one of which starts a server and logs in to it: in a tenth of the smoke tests' time. */
const someTempestTests =
  '(test_api_discovery|image.v2.test_images.Basic|test_networks.NetworksTest|test_server_basic_ops).*smoke';

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
  if (broughtUp.code !== 0) throw new Error(describeResult(['gantry', 'up', '--demo'], broughtUp));
  demo = new DemoServer(broughtUp.stdout.trimEnd().split('\n').at(-1) ?? '');
  const servers = await gantry.output('openstack', 'server', 'list', '--all-projects', '-f', 'json');
  demoId =
    (JSON.parse(servers) as { ID: string; Name: string }[]).find(({ Name }) => Name === 'demo')?.ID ?? '';
});

afterAll(async () => {
  await gantry.configure(nothingSpecial);
  await gantry.output('down', '--volumes', '--yes');
  await rm(directory, { recursive: true });
});

function cloudInTest(): CloudInTest {
  return { gantry, containers, expectDone, expectAnswered };
}

/** Nothing failed, at ten requests a second but for those under way at the end. */
function expectAnswered({ answers, failures, rate }: Asked): void {
  report(`${answers} requests answered during the change, ${rate.toFixed(1)} a second`);
  expect(failures).toEqual([]);
  expect(rate).toBeGreaterThan(9);
}

async function expectDone(...args: string[]): Promise<Result> {
  const result = await gantry.run(...args);
  expect(result.code, describeResult(['gantry', ...args], result)).toBe(0);
  return result;
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

describe('a cloud from nothing', () => {
  test('ends with a server that one can log in to with the command that is printed last', async () => {
    report(`up --demo took ${broughtUp.seconds.toFixed(0)} s`);
    expect(demo.command).toMatch(/^ssh -i \S+demo-key .*gantry@[\d.]+$/);
    expect(await demo.run('hostname')).toBe('demo');
  });

  test('is up at once when it is brought up again: nothing is planned, nothing restarts', async () => {
    const before = await containers.identities();
    const plan = await gantry.run('plan', '--detailed-exitcode');
    expect(plan.code, plan.stdout).toBe(0);
    const { stderr, seconds } = await expectDone('up');
    report(`a second up took ${seconds.toFixed(1)} s`);
    expect(stderr).toContain('nothing to do');
    expect(await containers.identities()).toEqual(before);
  });
});

describe('a changed option', () => {
  test.each([
    ['given', largerPages],
    ['taken back', nothingSpecial],
  ])('%s replaces only the processes that read it, and no request fails meanwhile', async (_, config) => {
    const before = await containers.identities();
    await gantry.configure(config);
    const plan = await gantry.run('plan', '--detailed-exitcode');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toContain('config of nova-api changed: [api] max_limit');
    const client = await ApiClient.open(gantry);
    const asking = client.askAllTheTime();
    await expectDone('up').finally(async () => {
      expectAnswered(await asking.stop());
    });
    const after = await containers.identities();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed).toEqual(['nova-api', 'nova-metadata']);
  });
});

describe('a wrong cloud.yaml', () => {
  test('is refused with all its mistakes and their places, and nothing changes', async () => {
    const before = await containers.identities();
    await gantry.configure(
      [
        'regoin: Here',
        'config:',
        '  nova.conf:',
        '    api:',
        '      max_limits: 500',
        'replicas:',
        '  nova-apii: 2',
      ].join('\n'),
    );
    const { code, stderr } = await gantry.run('up');
    await gantry.configure(nothingSpecial);
    expect(code).toBe(65);
    expect(stderr).toMatch(/cloud\.yaml:1:1: .*"regoin".*"region"/);
    expect(stderr).toMatch(/cloud\.yaml:5:7: .*"max_limits".*"max_limit"/);
    expect(stderr).toMatch(/cloud\.yaml:7:3: .*"nova-apii".*"nova-api"/);
    expect(await containers.identities()).toEqual(before);
  });
});

describe('a run that changes the cloud', () => {
  /** Starts `up` and waits until it changes something. */
  async function startUp() {
    const running = gantry.start('up');
    await waitUntil('the first step of up', 30_000, () =>
      running.progress().includes('] done: ') ? true : undefined,
    );
    return running;
  }

  test('keeps a second one out, ends when interrupted, and the next one finishes its work', async () => {
    await gantry.configure(moreLogs);
    const first = await startUp();
    const second = await gantry.run('up');
    expect(second.code).toBe(75);
    expect(second.stderr).toContain(`gantry up, process ${first.child.pid}`);
    first.child.kill('SIGINT');
    const interrupted = await first.finished;
    expect(interrupted.code, interrupted.stderr).toBe(130);
    await expectDone('up');
    await expectDone('plan', '--detailed-exitcode');
    await containers.waitUntilHealthy(60_000);
  });

  test('may be killed: its lock is taken over, and the next one finishes its work', async () => {
    await gantry.configure(nothingSpecial);
    const killed = await startUp();
    killed.child.kill('SIGKILL');
    expect((await killed.finished).code).toBe('SIGKILL');
    await expectDone('up');
    await expectDone('plan', '--detailed-exitcode');
    await containers.waitUntilHealthy(60_000);
  });
});

describe('the command line', () => {
  test('shows the state for programs', async () => {
    const { stdout } = await expectDone('status', '-o', 'json');
    const status = JSON.parse(stdout);
    expect(status).toMatchObject({ cloud, healthy: true });
    expect(status.processes.map((row: { process: string }) => row.process)).toContain('nova-api');
  });

  test('shows logs, and runs commands in a process with their exit code', async () => {
    const { stdout } = await expectDone('logs', 'keystone-api', '--tail', '5');
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
    const { code, stdout: said } = await gantry.run(
      'exec',
      'nova-api',
      'sh',
      '-c',
      'echo "$0"; exit 7',
      'here',
    );
    expect({ code, said }).toEqual({ code: 7, said: 'here\n' });
  });

  test.each(['logs', 'exec'])('%s of a process that there is not names the nearest one', async (command) => {
    const { code, stderr } = await gantry.run(command, 'nova-ap', 'true');
    expect(code).not.toBe(0);
    expect(stderr).toContain('nova-api');
    expect(stderr).not.toContain('defect');
  });

  test("runs OpenStack's own client as the administrator", async () => {
    const { stdout } = await expectDone('openstack', 'token', 'issue', '-f', 'value', '-c', 'user_id');
    expect(stdout).toMatch(/^[0-9a-f]{32}\n$/);
  });

  test('prints what makes other clients use the cloud, without a password', async () => {
    const { stdout } = await expectDone('env');
    expect(stdout).toContain('export OS_CLIENT_CONFIG_FILE=');
    for (const { name, value } of await gantry.secrets()) expect(stdout.includes(value), name).toBe(false);
  });
});

describe('secrets and rights', () => {
  test('no secret is in the settings, the logs or the arguments of any process', async () => {
    const secrets = await gantry.secrets();
    expect(secrets.length).toBeGreaterThan(10);
    const places = new Map<string, string>();
    for (const [name, info] of await containers.inspect()) {
      places.set(`settings of ${name}`, JSON.stringify(info));
      places.set(`log of ${name}`, await containers.logs(info.Id));
    }
    for (const { pid, command } of await commandLines()) places.set(`process ${pid}`, command);
    const found = [...places].flatMap(([place, text]) =>
      secrets.filter(({ value }) => text.includes(value)).map(({ name }) => `${name} in the ${place}`),
    );
    expect(found).toEqual([]);
  });

  test('no container is privileged, and only those that must be are root', async () => {
    for (const [name, info] of await containers.inspect()) {
      expect(info.HostConfig.Privileged, name).toBe(false);
    }
    expect(await containers.rootProcesses()).toEqual(rootProcesses);
  });
});

testRotation(cloudInTest);
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

describe('the cloud in use', () => {
  test('does all that its users expect', async () => {
    const { stdout } = await expectDone('verify', '-o', 'json');
    const { ok, checks, leftBehind } = JSON.parse(stdout);
    expect(checks.filter(({ result }: { result: string }) => result === 'failed')).toEqual([]);
    expect({ ok, leftBehind }).toEqual({ ok: true, leftBehind: [] });
  });

  test("passes some of OpenStack's own tests, whose results are kept and whose things are gone", async () => {
    const { stdout, seconds } = await expectDone('verify', '--tempest', someTempestTests, '-o', 'json');
    const { results, missing, leftBehind, directory: kept } = JSON.parse(stdout);
    report(`${results.length} tests of Tempest took ${seconds.toFixed(0)} s`);
    const passed = results.filter(({ result }: { result: string }) => result === 'passed');
    const names = passed.map(({ id }: { id: string }) => id.split('.').slice(0, 3).join('.'));
    expect([...new Set(names)].sort()).toEqual([
      'tempest.api.identity',
      'tempest.api.image',
      'tempest.api.network',
      'tempest.scenario.test_server_basic_ops',
    ]);
    expect({ missing, leftBehind }).toEqual({ missing: [], leftBehind: [] });
    expect((await readdir(kept)).sort()).toEqual([
      'junit.xml',
      'results.json',
      'results.subunit',
      'tempest.conf',
      'tempest.log',
      'tests',
    ]);
    const secrets = await gantry.secrets();
    for (const name of await readdir(kept)) {
      const text = await readFile(join(kept, name), 'latin1');
      expect(secrets.filter(({ value }) => text.includes(value)).map((one) => one.name)).toEqual([]);
    }
    for (const kind of ['project', 'user', 'image', 'flavor', 'network']) {
      const all = kind === 'flavor' ? ['--all'] : [];
      const found = await gantry.output('openstack', kind, 'list', ...all, '-f', 'value', '-c', 'Name');
      expect(
        found.split('\n').filter((name) => name.startsWith('gtest')),
        kind,
      ).toEqual([]);
    }
    await expectDone('plan', '--detailed-exitcode');
  });

  test('does not run tests that there are not, and names the nearest', async () => {
    const { code, stderr } = await gantry.run('verify', '--tempest', 'test_server_basic_op$');
    expect(code).toBe(64);
    expect(stderr).toContain('tempest.scenario.test_server_basic_ops');
  });
});

describe('taking the cloud down', () => {
  test('removes containers and networks and stops the servers; the data is there afterwards', async () => {
    const digest = await (await ApiClient.open(gantry)).imageDigest('gantry-guest');
    const written = `written at ${new Date().toISOString()}`;
    await demo.run(`echo '${written}' >kept && sync`);
    const { volumes } = await containers.remains();

    await expectDone('down');
    expect(await containers.remains()).toEqual({ containers: [], networks: [], volumes });
    expect(await qemuOf(demoId)).toEqual([]);

    await expectDone('up');
    const answered = await waitUntil('the demo server answering SSH again', 120_000, () =>
      demo.run('cat kept'),
    );
    expect(answered).toBe(written);
    expect(await (await ApiClient.open(gantry)).imageDigest('gantry-guest')).toBe(digest);
  });

  test('can be done with the demo alone, whose project goes with all that it holds', async () => {
    const list = async (kind: string) =>
      (await gantry.output('openstack', kind, 'list', '-f', 'value', '-c', 'Name')).trim().split('\n').sort();
    expect((await expectDone('demo', '--remove')).stderr).toContain('Removed: project demo');
    expect(await qemuOf(demoId)).toEqual([]);
    expect(await gantry.output('openstack', 'server', 'list', '--all-projects', '-f', 'value')).toBe('');
    expect(await gantry.output('openstack', 'floating', 'ip', 'list', '-f', 'value')).toBe('');
    expect(await gantry.output('openstack', 'router', 'list', '-f', 'value')).toBe('');
    expect(await list('network')).toEqual(['external']);
    expect(await list('project')).not.toContain('demo');
    expect(await list('user')).not.toContain('demo');
    expect((await expectDone('demo', '--remove')).stderr).toContain('There is no demo');
    await expectDone('plan', '--detailed-exitcode');
  });

  test('destroys data only when that is confirmed, and then leaves nothing', async () => {
    const refused = await gantry.run('down', '--volumes');
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain('--yes');
    expect((await containers.remains()).containers).not.toEqual([]);

    await expectDone('down', '--volumes', '--yes');
    expect(await containers.remains()).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await qemuOf(demoId)).toEqual([]);
    const nothing = { containers: [], networks: [], volumes: [], interfaces: [] };
    expect(addedBetween(machine, await containers.machine())).toEqual(nothing);
  });
});

/** A measured value, for whoever reads the log. */
function report(text: string): void {
  process.stderr.write(`${text}\n`);
}
