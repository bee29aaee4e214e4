import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../src/root.ts';
import { DemoServer } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { Stacks } from './stacks.ts';

/** What is done with stacks, and what servers hear and say of them, on a real Docker Engine. */
const cloud = 'e2eheatstacks';
const VERSION = 'heat_template_version: 2018-08-31\n';

/** Stacks are not given up and taken over unless that is said. */
const group = useGroupCloud(
  cloud,
  'services: {heat: true}\nconfig: {heat.conf: {DEFAULT: {enable_stack_abandon: true, enable_stack_adopt: true}}}\n',
);
const stacks = new Stacks(cloud, group);

/** Writes a template of these resources; resolves to where it is. */
async function template(name: string, resources: string): Promise<string> {
  const file = join(group().directory, `${name}.yaml`);
  await writeFile(file, `${VERSION}resources: {${resources}}\n`);
  return file;
}

/** A resource that has a value, and takes this long to get another. */
function slow(value: string, seconds: number): string {
  const times = `action_wait_secs: {create: 1, update: ${seconds}}`;
  return `slow: {type: OS::Heat::TestResource, properties: {value: ${value}, ${times}}}`;
}

const server =
  'server: {type: OS::Nova::Server, properties: {image: gantry-guest, flavor: m1.nano, networks: [{network: demo}]}}';

describe('stacks', () => {
  let demo: DemoServer;

  testComing(group);

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    demo = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  test('say what is gone of their servers, and make it again by an update', async () => {
    await stacks.make('create', 'checked', await template('checked', server));
    await stacks.openstack('stack', 'check', '--wait', 'checked');
    await stacks.expectStatus('checked', 'CHECK_COMPLETE');
    const before = await stacks.resourcesOf('checked');
    await stacks.openstack('server', 'delete', '--wait', String(before.server));
    await group().gantry.run(...stacks.words('stack', 'check', '--wait', 'checked'));
    await stacks.expectStatus('checked', 'CHECK_FAILED');
    await stacks.openstack('stack', 'update', '--wait', '--existing', 'checked');
    const after = await stacks.resourcesOf('checked');
    expect(after.server).not.toBe(before.server);
    await stacks.openstack('server', 'show', String(after.server));
    await stacks.remove('checked');
  });

  test('are again what they were when an update is given up, and go on from there', async () => {
    await stacks.make('create', 'given-up', await template('given-up', slow('one', 1)));
    await stacks.openstack('stack', 'update', '-t', await template('given-up', slow('two', 20)), 'given-up');
    await stacks.openstack('stack', 'cancel', '--wait', 'given-up');
    await stacks.expectStatus('given-up', 'ROLLBACK_COMPLETE');
    await stacks.make('update', 'given-up', await template('given-up', slow('three', 1)));
    await stacks.expectStatus('given-up', 'UPDATE_COMPLETE');
    await stacks.remove('given-up');
  });

  test('are again what they were when something new fails, where that is asked for', async () => {
    const kept = 'kept: {type: OS::Heat::RandomString}';
    const failing = 'failing: {type: OS::Heat::TestResource, properties: {fail: true}}';
    await stacks.make('create', 'put-back', await template('put-back', kept));
    const before = await stacks.resourcesOf('put-back');
    const file = await template('put-back', `${kept}, ${failing}`);
    const update = stacks.words('stack', 'update', '--wait', '-t', file);
    await group().gantry.run(...update, '--rollback', 'enabled', 'put-back');
    await stacks.expectStatus('put-back', 'ROLLBACK_COMPLETE');
    expect(await stacks.resourcesOf('put-back')).toEqual(before);
    await group().gantry.run(...update, '--rollback', 'disabled', 'put-back');
    await stacks.expectStatus('put-back', 'UPDATE_FAILED');
    await stacks.remove('put-back');
  });

  test('are forgotten, and taken over by another, with what they made', async () => {
    await stacks.make('create', 'forgotten', join(projectRoot(), 'examples/heat/word.yaml'));
    const [word, made] = [await stacks.output('forgotten', 'word'), await stacks.resourcesOf('forgotten')];
    const file = join(group().directory, 'forgotten.json');
    await stacks.openstack('stack', 'abandon', '--output-file', file, 'forgotten');
    expect(await stacks.openstack('stack', 'list', '-f', 'value', '-c', 'Stack Name')).not.toContain(
      'forgotten',
    );
    await stacks.openstack('stack', 'adopt', '--wait', '--adopt-file', file, 'adopted');
    expect(await stacks.output('adopted', 'word')).toBe(word);
    expect(await stacks.resourcesOf('adopted')).toEqual(made);
    await stacks.remove('adopted');
  });

  test('wait for what a server says of itself by a signed URL, and keep the server when they are updated', async () => {
    await stacks.makeExample('waiting', 'waiting.yaml', 'network=demo');
    expect(await stacks.output('waiting', 'said')).toContain('ready');
    const before = await stacks.resourcesOf('waiting');
    await stacks.openstack('stack', 'update', '--wait', '--existing', 'waiting');
    expect(await stacks.resourcesOf('waiting')).toEqual(before);
    await stacks.remove('waiting');
  });

  test('wait for what is said by each way that leads out of a server', async () => {
    const handle = (name: string, transport: string) =>
      `${name}: {type: OS::Heat::WaitConditionHandle, properties: {signal_transport: ${transport}}}, ` +
      `${name}-said: {type: OS::Heat::WaitCondition, properties: {handle: {get_resource: ${name}}, timeout: 300}}`;
    const file = await template(
      'ways',
      `${handle('signed', 'CFN_SIGNAL')}, ${handle('token', 'TOKEN_SIGNAL')}`,
    );
    await stacks.openstack('stack', 'create', '-t', file, 'ways');
    const attribute = async (resource: string, name: string) =>
      waitUntil(`${name} of ${resource}`, 60_000, async () => {
        const shown = await stacks.openstack('stack', 'resource', 'show', 'ways', resource, '-f', 'json');
        return (
          (JSON.parse(shown) as { attributes: Record<string, string | null> }).attributes[name] ?? undefined
        );
      });
    const { alarm_url: signed } = JSON.parse(await attribute('signed', 'signal')) as { alarm_url: string };
    const [token, endpoint] = [await attribute('token', 'token'), await attribute('token', 'endpoint')];
    const said = `-H 'Content-Type: application/json' -d '{"status": "SUCCESS"}'`;
    await demo.run(`curl -sS -X PUT ${said} '${signed}'`);
    await demo.run(`curl -sS ${said} -H 'X-Auth-Token: ${token}' '${endpoint}'`);
    await waitUntil('what was said to be heard', 60_000, async () =>
      (await stacks.statusOf('ways')) === 'CREATE_COMPLETE' ? true : undefined,
    );
    await stacks.remove('ways');
  });

  test('deploy on servers, which tell what came of it, and deploy anew what has changed', async () => {
    await stacks.makeExample('deployed', 'deployment.yaml', 'network=demo');
    const name = await stacks.output('deployed', 'greeted');
    expect(await stacks.output('deployed', 'said')).toBe(`Hello, ${name}`);
    const { server: id } = await stacks.resourcesOf('deployed');
    const update = ['stack', 'update', '--wait', '--existing', '--parameter', 'greeting=Welcome', 'deployed'];
    await stacks.openstack(...update);
    expect(await stacks.output('deployed', 'said')).toBe(`Welcome, ${name}`);
    expect((await stacks.resourcesOf('deployed')).server).toBe(id);
    await stacks.remove('deployed');
  });

  test('fail when a server says nothing in time, of which its console tells more', async () => {
    await stacks.openstack('network', 'create', 'lonely');
    await stacks.openstack(
      'subnet',
      'create',
      '--network',
      'lonely',
      '--subnet-range',
      '10.1.3.0/24',
      'lonely',
    );
    const { code } = await group().gantry.run(
      ...stacks.exampleWords('mute', 'waiting.yaml', 'network=lonely', 'seconds=60'),
    );
    expect(code).not.toBe(0);
    await stacks.expectStatus('mute', 'CREATE_FAILED');
    expect(await stacks.openstack('stack', 'failures', 'list', '--long', 'mute')).toContain('ready');
    const { server: id } = await stacks.resourcesOf('mute');
    const console = await stacks.openstack('console', 'log', 'show', '--lines', '30', String(id));
    expect(console).toContain('user data: ');
    await stacks.remove('mute');
    await stacks.openstack('network', 'delete', 'lonely');
  });

  test('replace the servers of a group one after another, and never have fewer that serve', async () => {
    await stacks.makeExample('rolling', 'rolling.yaml', 'network=demo');
    const ids = async (...only: string[]) => {
      const listed = await stacks.openstack(
        'server',
        'list',
        '--name',
        'rolling',
        ...only,
        '-f',
        'value',
        '-c',
        'ID',
      );
      return listed.split('\n').filter(Boolean);
    };
    const before = await ids();
    expect(before).toHaveLength(2);
    await stacks.openstack('stack', 'update', '--existing', '--parameter', 'version=2', 'rolling');
    const serving: number[] = [];
    await waitUntil('all servers to be replaced', 240_000, async () => {
      serving.push((await ids('--status', 'ACTIVE')).length);
      return (await stacks.statusOf('rolling')) === 'UPDATE_COMPLETE' ? true : undefined;
    });
    expect(Math.min(...serving)).toBeGreaterThanOrEqual(2);
    const after = await ids();
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    await stacks.remove('rolling');
  });

  test('suspend their servers, and go on', async () => {
    await stacks.make('create', 'resting', await template('resting', server));
    const { server: id } = await stacks.resourcesOf('resting');
    for (const [action, status, of] of [
      ['suspend', 'SUSPEND_COMPLETE', 'SUSPENDED'],
      ['resume', 'RESUME_COMPLETE', 'ACTIVE'],
    ] as const) {
      await stacks.openstack('stack', action, '--wait', 'resting');
      await stacks.expectStatus('resting', status);
      expect(await stacks.openstack('server', 'show', String(id), '-f', 'value', '-c', 'status')).toBe(of);
    }
    await stacks.remove('resting');
  });

  testGoing(group);
});
