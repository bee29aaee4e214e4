import { expect, test } from 'vitest';
import { waitUntil } from '../gantry.ts';
import type { GroupCloud } from '../group-cloud.ts';
import { expectDone } from './cloud.ts';

interface Event {
  at: string;
  service: string;
  type: string;
  text?: string;
}

/** What services tell of, of a cloud that keeps it and has had its demo made. */
export function testEvents(use: () => GroupCloud): void {
  const told = async (...words: string[]): Promise<Event[]> => {
    const { stdout } = await expectDone(use(), 'events', '-o', 'json', ...words);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Event);
  };
  const waitFor = (text: string) =>
    waitUntil(`the event "${text}"`, 60_000, async () =>
      (await told('--about', 'told')).some((event) => event.text === text) ? true : undefined,
    );
  const network = (verb: string, name: string) => use().gantry.output('openstack', 'network', verb, name);

  test('what was done is told in words, and without what nobody may see', async () => {
    const { gantry, containers } = use();
    const { stdout } = await expectDone(use(), 'events');
    for (const words of [
      /^\S+Z {2}keystone {2}project \S+ created, by \S+$/m,
      /^\S+Z {2}glance {4}image \S+ ready$/m,
      /^\S+Z {2}neutron {3}network demo created$/m,
      /^\S+Z {2}neutron {3}floating IP \S+ leads to \S+$/m,
      /^\S+Z {2}nova {6}server demo created on \S+$/m,
      /^\S+Z {2}neutron {3}\S+ at \S+ asked to create \/v2\.0\/networks: done \(201\)$/m,
      /^\S+Z {2}nova {6}\S+ at \S+ asked to create \/v2\.1\/servers: done \(202\)$/m,
    ]) {
      expect(stdout).toMatch(words);
    }
    const all = await told('--all');
    expect(all.some(({ type }) => type === 'compute.instance.create.start')).toBe(true);
    const kept = await gantry.output('exec', 'event-log', '--', 'read-events', '/var/lib/events');
    expect(kept).not.toMatch(/auth_token|gAAAA/);
    expect(await told('--service', 'nova', '--tail', '1')).toHaveLength(1);
    expect(Object.keys(await containers.identities())).toContain('event-log');
  });

  test('what happens is told at once to whoever follows, who leaves when he likes', async () => {
    const { gantry } = use();
    const following = gantry.start('events', '--follow', '--tail', '0', '--about', 'told-at-once');
    try {
      await network('create', 'told-at-once');
      await waitUntil('the event', 30_000, async () =>
        following.output().includes('network told-at-once created') ? true : undefined,
      );
    } finally {
      following.child.kill('SIGINT');
    }
    const { code, stdout } = await following.finished;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    await network('delete', 'told-at-once');
  });

  test('nothing is lost while the broker starts again, or the one who keeps it is away', async () => {
    const { containers } = use();
    await containers.kill('event-log');
    await network('create', 'told-later');
    await containers.start('event-log');
    await waitFor('network told-later created');

    await containers.restart('rabbitmq');
    await network('delete', 'told-later');
    await waitFor('network told-later deleted');
    await containers.waitUntilHealthy(120_000);
  });

  test('a service that the cloud does not have is refused with the nearest', async () => {
    const { code, stderr } = await use().gantry.run('events', '--service', 'nov');
    expect(code).toBe(64);
    expect(stderr).toContain('did you mean "nova"?');
  });
}
