import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../client.ts';
import { type Running, waitUntil } from '../gantry.ts';
import { type CloudInTest, expectDone, expectDoneWhileAsked } from './cloud.ts';

const largerPages = 'config: {nova.conf: {api: {max_limit: 500}}}';
const moreLogs = 'config: {nova.conf: {DEFAULT: {debug: true}}}';

export function testChanges(use: () => CloudInTest): void {
  describe('a changed option', () => {
    test.each([
      ['given', largerPages],
      ['taken back', ''],
    ])('%s replaces only the processes that read it, and no request fails meanwhile', async (_, lines) => {
      const { gantry, configure, identities } = use();
      const before = await identities();
      await configure(lines);
      const plan = await gantry.run('plan', '--detailed-exitcode');
      expect(plan.code).toBe(2);
      expect(plan.stdout).toContain('config of nova-api changed: [api] max_limit');
      const client = await ApiClient.open(gantry);
      await expectDoneWhileAsked(use(), client.askAllTheTime(), 'up');
      const after = await identities();
      expect(Object.keys(after)).toEqual(Object.keys(before));
      const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
      expect(changed).toEqual(['nova-api', 'nova-metadata']);
      await expectDone(use(), 'plan', '--detailed-exitcode');
    });
  });

  describe('a state directory without the secrets of the cloud', () => {
    test('is refused by up, and nothing changes', async () => {
      await expectRefusedWithoutSecrets(use(), 'up');
      await expectDone(use(), 'plan', '--detailed-exitcode');
    });
  });
}

/** What no engine can break: what is refused before it is asked, and a run that another one finishes. */
export function testRefusals(use: () => CloudInTest): void {
  describe('a wrong cloud.yaml', () => {
    test('is refused with all its mistakes and their places, and nothing changes', async () => {
      const { gantry, configure, identities } = use();
      const before = await identities();
      await configure(
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
      await configure();
      expect(code).toBe(65);
      expect(stderr).toMatch(/cloud\.yaml:1:1: .*"regoin".*"region"/);
      expect(stderr).toMatch(/cloud\.yaml:5:7: .*"max_limits".*"max_limit"/);
      expect(stderr).toMatch(/cloud\.yaml:7:3: .*"nova-apii".*"nova-api"/);
      expect(await identities()).toEqual(before);
    });
  });

  describe('a state directory without the secrets of the cloud', () => {
    test.each([['plan'], ['verify']])('is refused by %s too', (command) =>
      expectRefusedWithoutSecrets(use(), command),
    );
  });

  describe('a run that changes the cloud', () => {
    /** Starts `up` and waits until it changes something. */
    async function startUp(): Promise<Running> {
      const running = use().gantry.start('up');
      await waitUntil('the first step of up', 30_000, () =>
        running.progress().includes('] done: ') ? true : undefined,
      );
      return running;
    }

    test('keeps a second one out, ends when interrupted, and the next one finishes its work', async () => {
      const { gantry, configure, waitUntilHealthy } = use();
      await configure(moreLogs);
      const first = await startUp();
      const second = await gantry.run('up');
      expect(second.code).toBe(75);
      expect(second.stderr).toContain(`gantry up, process ${first.child.pid}`);
      first.child.kill('SIGINT');
      const interrupted = await first.finished;
      expect(interrupted.code, interrupted.stderr).toBe(130);
      await expectDone(use(), 'up');
      await expectDone(use(), 'plan', '--detailed-exitcode');
      await waitUntilHealthy(60_000);
    });

    test('may be killed: its lock is taken over, and the next one finishes its work', async () => {
      const { configure, waitUntilHealthy } = use();
      await configure();
      const killed = await startUp();
      killed.child.kill('SIGKILL');
      expect((await killed.finished).code).toBe('SIGKILL');
      await expectDone(use(), 'up');
      await expectDone(use(), 'plan', '--detailed-exitcode');
      await waitUntilHealthy(60_000);
    });
  });
}

async function expectRefusedWithoutSecrets(cloud: CloudInTest, command: string): Promise<void> {
  const { gantry, identities } = cloud;
  const before = await identities();
  const { code, stderr } = await gantry.elsewhere(join(gantry.directory, 'other')).run(command);
  expect(code).toBe(1);
  expect(stderr).toContain(`the cloud ${gantry.name} is there, but not its secrets`);
  expect(await identities()).toEqual(before);
}
