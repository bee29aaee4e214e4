import { describe, expect, test } from 'vitest';
import { ApiClient } from '../client.ts';
import { askDatabase } from '../database.ts';
import type { Gantry } from '../gantry.ts';
import { type CloudInTest, expectDone, expectDoneWhileAsked, needServers } from './cloud.ts';

/** The first logins of services. */
const databaseUsers = ['glance', 'keystone', 'neutron', 'nova', 'placement'];
const brokerUsers = ['glance', 'keystone', 'neutron', 'nova'];
const accounts = ['glance', 'neutron', 'nova', 'placement'];

const lines = (text: string): string[] => text.trim().split('\n').sort();

/** Values of the secrets by name. */
async function secretsOf(gantry: Gantry): Promise<Map<string, string>> {
  return new Map((await gantry.secrets()).map(({ name, value }) => [name, value]));
}

/** The users that the database, the broker and Keystone have of those that services log in as. */
async function usersOf(gantry: Gantry): Promise<Record<'database' | 'broker' | 'keystone', string[]>> {
  const listUsers = 'HOME=/var/lib/rabbitmq rabbitmqctl -q list_users --no-table-headers';
  const database = await askDatabase(gantry, 'SELECT user FROM mysql.user');
  const broker = await gantry.output('exec', 'rabbitmq', 'sh', '-c', listUsers);
  const keystone = await gantry.output('openstack', 'user', 'list', '-f', 'value', '-c', 'Name');
  const of = (text: string, names: string[]) =>
    lines(text.replaceAll(/\t.*/g, '')).filter((user) => names.includes(user.replace(/-b$/, '')));
  return {
    database: of(database, databaseUsers),
    broker: of(broker, brokerUsers),
    keystone: of(keystone, accounts),
  };
}

/** What a service logs in as at the database, the broker and Keystone. */
async function loginsOf(gantry: Gantry, service: string): Promise<string[]> {
  const { database, broker, keystone } = await usersOf(gantry);
  return [...database, ...broker, ...keystone].filter((name) => name.replace(/-b$/, '') === service);
}

/** Rotates, while requests go on that must all be answered. */
async function rotateWhileAsked(cloud: CloudInTest, ...what: string[]): Promise<void> {
  const client = await ApiClient.open(cloud.gantry);
  await expectDoneWhileAsked(cloud, client.askAllTheTime(), 'rotate', ...what, '--yes');
}

export function testRotation(use: () => CloudInTest): void {
  describe('keys of a cloud in use', () => {
    test('a new certificate is shown without a restart or a failed request', async () => {
      const { gantry, identities } = use();
      const client = await ApiClient.open(gantry);
      const before = { serial: await client.certificateSerial(), identities: await identities() };
      await expectDoneWhileAsked(use(), client.askAllTheTime(), 'rotate', 'certificate', '--yes');
      await expect.poll(() => client.certificateSerial(), { timeout: 10_000 }).not.toBe(before.serial);
      expect(await identities()).toEqual(before.identities);
      await expectDone(use(), 'plan', '--detailed-exitcode');
    });

    test('token keys are new at once, and tokens in use stay valid: too many new ones are refused', async () => {
      const { gantry } = use();
      const client = await ApiClient.open(gantry);
      await expectDone(use(), 'rotate', 'fernet', '--yes');
      await expectDone(use(), 'rotate', 'fernet', '--yes');
      const refused = await gantry.run('rotate', 'fernet', '--yes');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('tokens that it signed are in use');
      expect(await client.status('compute', '/servers')).toBe(200);
      expect(await (await ApiClient.open(gantry)).status('compute', '/servers')).toBe(200);
    });
  });
}

/** Where the rest is tested on another engine: what replaces the processes of a service may still fail requests. */
export function testRotationOfNova(use: () => CloudInTest): void {
  test('the passwords of Nova are new and its second logins in use, without a failed request', async () => {
    await rotateWhileAsked(use(), 'passwords', 'nova');
    expect(await loginsOf(use().gantry, 'nova')).toEqual(['nova-b', 'nova-b', 'nova-b']);
    await expectDone(use(), 'plan', '--detailed-exitcode');
  });
}

export function testRotationOfAll(use: () => CloudInTest): void {
  describe('keys and passwords of a cloud in use', () => {
    test('stored credentials are readable after their key was changed', async () => {
      const { gantry } = use();
      const credential = ['openstack', 'ec2', 'credentials'];
      const created = await gantry.output(...credential, 'create', '-f', 'json');
      const { access, secret } = JSON.parse(created) as { access: string; secret: string };
      await expectDone(use(), 'rotate', 'credential', '--yes');
      const shown = await gantry.output(...credential, 'show', access, '-f', 'value', '-c', 'secret');
      expect(shown.trim()).toBe(secret);
      await expectDone(use(), ...credential, 'delete', access);
    });

    test('nothing is changed where nobody can be asked', async () => {
      const { gantry } = use();
      const before = await secretsOf(gantry);
      const { code, stderr } = await gantry.run('rotate', 'passwords', 'glance');
      expect(code).toBe(64);
      expect(stderr).toContain('--yes');
      expect(await secretsOf(gantry)).toEqual(before);
    });

    test('all passwords of services are new and their second logins in use, without a failed request', async () => {
      const { gantry } = use();
      const second = (name: string) => `${name}-b`;
      const before = await secretsOf(gantry);
      await rotateWhileAsked(use(), 'passwords');
      const after = await secretsOf(gantry);
      const changed = [...after.keys()].filter((name) => after.get(name) !== before.get(name)).sort();
      expect(changed).toEqual(
        [
          ...databaseUsers.map((name) => `${name}-database`),
          ...brokerUsers.map((name) => `${name}-broker`),
          ...accounts.map((name) => `${name}-account`),
        ].sort(),
      );
      expect(await usersOf(gantry)).toEqual({
        database: databaseUsers.map(second),
        broker: brokerUsers.map(second),
        keystone: accounts.map(second),
      });
      await expectDone(use(), 'plan', '--detailed-exitcode');
    });

    test('a server can be made at once after all that made networks was replaced', async ({ skip }) => {
      needServers(use(), skip);
      const what = ['--image', 'gantry-guest', '--flavor', 'm1.nano', '--network', 'demo'];
      try {
        await expectDone(use(), 'openstack', 'server', 'create', ...what, '--wait', 'at-once');
      } finally {
        await use().gantry.output('openstack', 'server', 'delete', '--wait', 'at-once');
      }
    });

    test('those of one service go back to its first logins', async () => {
      await expectDone(use(), 'rotate', 'passwords', 'glance', '--yes');
      expect(await loginsOf(use().gantry, 'glance')).toEqual(['glance', 'glance', 'glance']);
      await expectDone(use(), 'plan', '--detailed-exitcode');
    });
  });
}
