import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { mapBounded } from '../../../engines/kubernetes/api/pool.ts';
import { overriding } from '../../../src/cli/client-environment.ts';
import { waitUntil } from '../gantry.ts';
import { lookAt, readingCommands } from '../reading.ts';
import { startTyped } from '../typed.ts';
import { type CloudInTest, expectDone } from './cloud.ts';

interface Status {
  processes: { process: string; state: string; detail?: string }[];
}

export function testCommands(use: () => CloudInTest): void {
  describe('the command line', () => {
    test('shows the state for programs', async () => {
      // What was replaced before this may be on its way out: names have to forget it first, and then it has its time to end.
      const rows = await waitUntil('nothing is being stopped', 120_000, async () => {
        const { stdout } = await expectDone(use(), 'status', '-o', 'json');
        const status: Status = JSON.parse(stdout);
        expect(status).toMatchObject({ cloud: use().gantry.name, healthy: true });
        expect(status.processes.filter(({ state }) => state === 'stopping')).toEqual([]);
        return status.processes;
      });
      expect(rows.map((row) => row.process)).toContain('nova-api');
      expect(rows.filter((row) => row.detail !== undefined)).toEqual([]);
    });

    test('shows logs, and runs commands in a process with their exit code', async () => {
      const { stdout } = await expectDone(use(), 'logs', 'keystone-api', '--tail', '5');
      expect(stdout.trimEnd().split('\n')).toHaveLength(5);
      const { code, stdout: said } = await use().gantry.run(
        'exec',
        'nova-api',
        '--',
        'sh',
        '-c',
        'echo "$0"; exit 7',
        'here',
      );
      expect({ code, said }).toEqual({ code: 7, said: 'here\n' });
    });
  });

  describe('secrets', () => {
    test('are not in the settings, the logs or the arguments of any process', async () => {
      const secrets = await use().gantry.secrets();
      expect(secrets.length).toBeGreaterThan(10);
      const places = await use().exposed();
      const found = [...places].flatMap(([place, text]) =>
        secrets.filter(({ value }) => text.includes(value)).map(({ name }) => `${name} in the ${place}`),
      );
      expect(found).toEqual([]);
    });
  });
}

/** Of this machine only, whatever runs the cloud. */
export function testMachineSide(use: () => CloudInTest): void {
  test.each(['logs', 'exec'])('%s of a process that there is not names the nearest one', async (command) => {
    const { code, stderr } = await use().gantry.run(command, 'nova-ap', 'true');
    expect(code).not.toBe(0);
    expect(stderr).toContain('nova-api');
    expect(stderr).not.toContain('defect');
  });

  test("runs OpenStack's own client as the administrator", async () => {
    const { stdout } = await expectDone(use(), 'openstack', 'token', 'issue', '-f', 'value', '-c', 'user_id');
    expect(stdout).toMatch(/^[0-9a-f]{32}\n$/);
  });

  test('has the client begin once for all commands of a while, and anew where that ended', async () => {
    const { gantry } = use();
    const ask = (...args: string[]) => gantry.run('openstack', ...args);
    const find = "grep -l '[k]eep-openstack' /proc/[0-9]*/cmdline; true";
    const kept = async () => /\d+/.exec(await gantry.output('exec', 'client', '--', 'sh', '-c', find))?.[0];
    expect((await ask('token', 'issue', '-f', 'value', '-c', 'expires')).code).toBe(0);
    const before = (await kept()) ?? '';
    expect(before).not.toBe('');
    expect((await ask('project', 'show', 'nobody')).code).toBe(1);
    expect((await ask('project', 'list', '-f', 'csv')).stdout).toMatch(/^"ID","Name"\n/);
    expect(await kept()).toBe(before);
    await gantry.output('exec', 'client', '--', 'kill', '-KILL', before);
    expect((await ask('project', 'show', 'admin', '-f', 'value', '-c', 'name')).stdout).toBe('admin\n');
    expect(await kept()).not.toBe(before);
  });

  test('hands a command in a terminal each key, Ctrl-C too, and shows none of them itself', async () => {
    const listen =
      'stty -echo; echo ready; read -r word; trap "exit 7" INT; printf %s "$word" | wc -c; sleep 60';
    const { child, output, finished } = startTyped(use().gantry, 'exec', 'client', '--', 'sh', '-c', listen);
    const say = async (keys: string, until: RegExp) => {
      await waitUntil(`the command to say ${until}`, 60_000, async () => until.test(output()) || undefined);
      child.stdin?.write(keys);
    };
    await say('hidden\r', /ready/);
    await say('\x03', /^6\r$/m);
    const { code, stdout } = await finished;
    expect(stdout).not.toContain('hidden');
    expect(code).toBe(7);
  });

  test('prints what makes other clients use the cloud, without a password', async () => {
    const { stdout } = await expectDone(use(), 'env');
    expect(stdout).toContain('\nexport OS_CLIENT_CONFIG_FILE=');
    for (const { name, value } of await use().gantry.secrets())
      expect(stdout.includes(value), name).toBe(false);
  });

  test('changes nothing of the state by looking at another cloud.yaml', async () => {
    const { gantry } = use();
    const trial = join(gantry.directory, 'try.yaml');
    const document = parseDocument(await readFile(join(gantry.directory, 'cloud.yaml'), 'utf8'));
    document.setIn(['public', 'hostname'], 'try.example.org');
    await writeFile(trial, String(document));
    const planned = await gantry.output('plan');
    const before = await lookAt(gantry.state);
    const outputs = await mapBounded(readingCommands(), 3, (command) =>
      gantry.run(...command, '--file', trial),
    );
    expect(outputs.map(({ stderr }) => stderr).join('')).not.toContain('defect');
    expect(await lookAt(gantry.state)).toEqual(before);
    expect(await gantry.output('plan')).toBe(planned);
  });

  test("what env prints makes OpenStack's own client forget another cloud", async () => {
    const { gantry } = use();
    const lines = (await gantry.output('env')).replace(/^export OS_CLIENT_CONFIG_FILE=.*/m, '');
    const openrc = overriding.map((name) => `export ${name}=other`).join('; ');
    const ask =
      'OS_CLIENT_CONFIG_FILE=/etc/gantry/clouds.yaml HOME=/tmp openstack token issue -f value -c user_id';
    const run = (script: string) => gantry.run('exec', 'client', '--', 'sh', '-c', script);
    expect(await run(`${openrc}\n${lines}\n${ask}`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^[0-9a-f]{32}\n$/),
    });
    const { code } = await run(`${lines}\nexport OS_PASSWORD=other\n${ask}`);
    expect(code, 'with the password of another cloud').not.toBe(0);
  });
}
