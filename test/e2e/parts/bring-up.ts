import { describe, expect, test } from 'vitest';
import { type CloudInTest, expectDone, needServers, report } from './cloud.ts';

export function testBringUp(use: () => CloudInTest): void {
  describe('a cloud from nothing', () => {
    test('ends with a server that one can log in to with the command that is printed last', async ({
      skip,
    }) => {
      needServers(use(), skip);
      const { demo, broughtUp } = use();
      report(`up --demo took ${broughtUp.seconds.toFixed(0)} s`);
      expect(demo.command).toMatch(/^ssh -i \S+demo-key .*gantry@[\d.]+$/);
      expect(await demo.run('hostname')).toBe('demo');
    });

    test('says what servers run with on each node, and why, and runs them with that', async () => {
      const { gantry } = use();
      type Found = { type?: string; stage?: string; reason?: string };
      const { accelerators } = JSON.parse(await gantry.output('status', '-o', 'json')) as {
        accelerators: Found[];
      };
      expect(accelerators.length).toBeGreaterThan(0);
      const [{ type = '', stage, reason } = {}] = accelerators;
      report(`servers run with ${type}${reason ? `: ${stage ?? 'no try'}: ${reason}` : ''}`);
      for (const one of accelerators) {
        expect(['kvm', 'qemu']).toContain(one.type);
        if (one.type === 'qemu') expect(one.reason).toMatch(/./);
      }
      const findings = JSON.parse(await gantry.output('doctor', '-o', 'json')) as {
        check: string;
        choice?: string;
      }[];
      const choices = findings.filter(({ check }) => check.startsWith('virtualisation'));
      expect(choices.map(({ choice }) => choice).sort()).toEqual(accelerators.map((one) => one.type).sort());
      expect(await gantry.output('logs', 'libvirt')).toContain(`servers run with ${type}`);
      const configured = ['sed', '-n', 's/^virt_type = //p', '/tmp/node.conf'];
      expect(await gantry.output('exec', 'nova-compute', '--', ...configured)).toBe(`${type}\n`);
    });

    test('is up at once when it is brought up again: nothing is planned, nothing restarts', async () => {
      const { gantry, identities } = use();
      const before = await identities();
      const plan = await gantry.run('plan', '--detailed-exitcode');
      expect(plan.code, plan.stdout).toBe(0);
      const { stderr, seconds } = await expectDone(use(), 'up');
      report(`a second up took ${seconds.toFixed(1)} s`);
      expect(stderr).toContain('nothing to do');
      expect(await identities()).toEqual(before);
    });
  });
}

/** What no engine can break. */
export function testDemoUser(use: () => CloudInTest): void {
  test("the demo's user sees its server, and the administrator those of all projects", async () => {
    const list = ['server', 'list', '-f', 'value', '-c', 'Name'];
    const { gantry } = use();
    expect(await gantry.output('openstack', '--user', 'demo', ...list)).toBe('demo\n');
    expect((await gantry.output('openstack', ...list, '--all-projects')).split('\n')).toContain('demo');
  });
}
