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

    test("shows the demo's user that server, and the administrator those of all projects", async ({
      skip,
    }) => {
      needServers(use(), skip);
      const list = ['server', 'list', '-f', 'value', '-c', 'Name'];
      const { gantry } = use();
      expect(await gantry.output('openstack', '--user', 'demo', ...list)).toBe('demo\n');
      expect((await gantry.output('openstack', ...list, '--all-projects')).split('\n')).toContain('demo');
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
