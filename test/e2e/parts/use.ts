import { describe, expect, test } from 'vitest';
import { ApiClient } from '../client.ts';
import { askDatabase, sqlClient } from '../database.ts';
import { type Gantry, type Result, waitUntil } from '../gantry.ts';
import { describeNetworkFailure } from '../ovn.ts';
import { type CloudInTest, expectDone, expectHealthy, needServers } from './cloud.ts';

/** Nova asks Neutron about one server a minute on each node. */
const HEALED_WITHIN_MS = 180_000;

export function testUse(use: () => CloudInTest): void {
  describe('the cloud in use', () => {
    test('does all that its users expect', async ({ skip }) => {
      needServers(use(), skip);
      const { gantry } = use();
      const result = await gantry.run('verify', '-o', 'json', '--keep-failed');
      if (result.code !== 0) throw new Error(await describeNetworkFailure(gantry, ['verify'], result));
      const { ok, leftBehind } = JSON.parse(result.stdout);
      expect({ ok, leftBehind }).toEqual({ ok: true, leftBehind: [] });
    });
  });
}

/** What no engine can break. */
export function testServices(use: () => CloudInTest): void {
  test('logs which server asked for its metadata, for those who look for why one has none', async () => {
    const { gantry } = use();
    const asked = (await gantry.output('logs', 'nova-metadata', '--since', '15m'))
      .split('\n')
      .filter((line) => /GET \/openstack\/latest\/meta_data\.json for server [0-9a-f-]{36}: 200$/.test(line));
    expect(asked).not.toEqual([]);
  });

  describe('the database', () => {
    test('lets a transaction write what another one has changed since it read it', async () => {
      const { gantry } = use();
      const ofAnother = `${sqlClient.join(' ')} "UPDATE gantry.e2e SET value = 1"`;
      const transaction = `
        START TRANSACTION;
        SELECT value FROM gantry.e2e;
        \\! ${ofAnother}
        UPDATE gantry.e2e SET value = value + 1;
        COMMIT;
        SELECT value FROM gantry.e2e;
      `;
      await askDatabase(
        gantry,
        'CREATE TABLE gantry.e2e (id INT PRIMARY KEY, value INT); INSERT INTO gantry.e2e VALUES (1, 0);',
      );
      try {
        expect((await askDatabase(gantry, transaction)).split('\n')).toEqual(['0', '2']);
      } finally {
        await askDatabase(gantry, 'DROP TABLE gantry.e2e;');
      }
    });
  });

  describe('a port of a server', () => {
    test('that the switch has set down is up again', async ({ skip }) => {
      needServers(use(), skip);
      const { gantry, demo } = use();
      const instances = await expectHealthy(use());
      const switches = instances
        .map(({ process }) => process)
        .filter((process) => /^openvswitch(-\d+)?$/.test(process));
      const ofServers = ['--columns=name', 'find', 'interface', 'external_ids:iface-status=active'];
      let setDown = 0;
      for (const instance of switches) {
        const names = await gantry.output('exec', instance, '--', 'ovs-vsctl', '--bare', ...ofServers);
        for (const name of names.split(/\s+/).filter(Boolean)) {
          await expectDone(use(), 'exec', instance, '--', 'ip', 'link', 'set', name, 'down');
          setDown += 1;
        }
      }
      expect(setDown).toBeGreaterThan(0);
      await waitUntil('the demo server answering again', 30_000, () => demo.run('hostname'));
    });
  });

  describe('addresses of servers', () => {
    test('are known again where what Neutron said of them was lost', async ({ skip }) => {
      needServers(use(), skip);
      const { gantry, demo } = use();
      const list = ['server', 'list', '--all-projects', '--name', '^demo$', '-f', 'value', '-c', 'Networks'];
      const before = await gantry.output('openstack', ...list);
      expect(before).toContain(demo.address);
      const forget =
        "UPDATE nova.instance_info_caches SET network_info = '[]' WHERE deleted = 0; SELECT ROW_COUNT() > 0;";
      expect(await askDatabase(gantry, forget)).toBe('1');
      await waitUntil('the addresses of the demo server', HEALED_WITHIN_MS, async () => {
        const now = await gantry.output('openstack', ...list);
        return now === before || undefined;
      });
    });
  });
}

/** What status, plan, demo and `explain server` say of a server that does not run. */
export function testStoppedServer(use: () => CloudInTest): void {
  describe('a server that its hypervisor has stopped', () => {
    test('is named by status, plan, demo and explain, which is content once it answers again', async () => {
      const { gantry, demo } = use();
      const running = await explain(gantry);
      expect(running).toMatchObject({ code: 0, failed: undefined });
      const hypervisor = await findHypervisor(gantry, running.id);
      const domain = await gantry.output('exec', hypervisor, '--', 'virsh', '-q', 'domname', running.id);
      const qemu = async (...command: string[]): Promise<Result> =>
        expectDone(use(), 'exec', hypervisor, '--', 'virsh', '-q', ...command, domain.trim());
      // Behind libvirt's back, as QEMU itself does when a processor cannot go on.
      await expectDone(
        use(),
        'exec',
        hypervisor,
        '--',
        'virsh',
        '-q',
        'qemu-monitor-command',
        domain.trim(),
        stop,
      );
      try {
        await waitUntil('Nova to know it', 60_000, async () => {
          const shown = await gantry.output('openstack', 'server', 'show', running.id, '-f', 'json');
          // A number for programs, a word for people: clients differ in which of them JSON is for.
          return [3, 'Paused'].includes(JSON.parse(shown)['OS-EXT-STS:power_state']) || undefined;
        });
        const status = await gantry.run('status', '-o', 'json');
        expect(status.code).toBe(1);
        expect(JSON.parse(status.stdout).healthy).toBe(false);
        const plan = await gantry.run('plan');
        expect(plan.stderr).toContain(`server demo`);
        const explained = await explain(gantry);
        expect(explained).toMatchObject({ code: 1, failed: 'hypervisor', ssh: 'not reached' });
        const again = await gantry.run('demo');
        expect(again.code).toBe(1);
        expect(again.stderr).toContain('server demo is paused');
        expect(again.stderr).toMatch(/FAILED +hypervisor/);
      } finally {
        await qemu('resume');
      }
      await waitUntil('the demo server answering again', 30_000, () => demo.run('hostname'));
      expect(await explain(gantry)).toMatchObject({ code: 0, failed: undefined, ssh: 'ok' });
    });
  });
}

const stop = '{"execute":"stop"}';

/** What `explain server` says of the demo server. */
async function explain(
  gantry: Gantry,
): Promise<{ code: Result['code']; id: string; failed: string | undefined; ssh: string | undefined }> {
  const { code, stdout } = await gantry.run('explain', 'server', 'demo', '-o', 'json');
  const { id, rungs }: { id: string; rungs: { name: string; outcome: string }[] } = JSON.parse(stdout);
  const ssh = rungs.find(({ name }) => name === 'SSH')?.outcome;
  return { code, id, failed: rungs.find(({ outcome }) => outcome === 'failed')?.name, ssh };
}

/** The instance of libvirt that has a server, by what status says. */
async function findHypervisor(gantry: Gantry, id: string): Promise<string> {
  const { hypervisors }: { hypervisors: { instance: string; domains: { id: string }[] }[] } = JSON.parse(
    await gantry.output('status', '-o', 'json'),
  );
  const found = hypervisors.find(({ domains }) => domains.some((domain) => domain.id === id));
  return found?.instance ?? 'libvirt';
}

/**
 * Takes the cloud down and brings it up again; images and servers' disks must be as before.
 * @param whileDown checks what is left
 */
export async function expectDataKept(cloud: CloudInTest, whileDown: () => Promise<void>): Promise<void> {
  const { gantry, demo } = cloud;
  const digest = await (await ApiClient.open(gantry)).imageDigest('gantry-guest');
  const written = `written at ${new Date().toISOString()}`;
  await demo.run(`echo '${written}' >kept && sync`);
  await expectDone(cloud, 'down');
  await whileDown();
  await expectDone(cloud, 'up');
  const answered = await waitUntil('the demo server answering SSH again', 180_000, () =>
    demo.run('cat kept'),
  );
  expect(answered).toBe(written);
  expect(await (await ApiClient.open(gantry)).imageDigest('gantry-guest')).toBe(digest);
}
