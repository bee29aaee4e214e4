import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../src/root.ts';
import { ApiClient, DemoServer } from './client.ts';
import { waitUntil } from './gantry.ts';
import { testChecks, testComing, testGoing, testGroupChanges, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** Stacks on a real Docker Engine, with servers that call the cloud. */
const cloud = 'e2eheat';
const withHeat = 'services: {heat: true}\n';
const TYPE = 'orchestration';

const group = useGroupCloud(cloud, withHeat);

const example = (name: string) => join(projectRoot(), 'examples/heat', name);

/** As the demo's user, who is no administrator. */
async function openstack(...args: string[]): Promise<string> {
  const { stdout } = await expectDone(group(), 'openstack', '--os-cloud', `${cloud}-demo`, ...args);
  return stdout.trim();
}

const stackOf = async (name: string) =>
  JSON.parse(await openstack('stack', 'show', name, '-f', 'json')) as {
    stack_status: string;
    stack_status_reason: string;
  };

async function output(stack: string, name: string): Promise<string> {
  return openstack('stack', 'output', 'show', stack, name, '-f', 'value', '-c', 'output_value');
}

/** Waits until a stack is in a state that it stays in, and expects that to be this. */
async function expectStack(name: string, status: string): Promise<void> {
  const seen = await waitUntil(`the stack ${name}`, 240_000, async () => {
    const { stack_status, stack_status_reason: reason } = await stackOf(name);
    return stack_status.endsWith('_IN_PROGRESS') ? undefined : { stack_status, reason };
  });
  expect(seen).toMatchObject({ stack_status: status });
}

/** Resources of a stack with what each is to Heat's users. */
async function resourcesOf(stack: string): Promise<Record<string, string>> {
  const all = JSON.parse(await openstack('stack', 'resource', 'list', stack, '-f', 'json')) as {
    resource_name: string;
    physical_resource_id: string;
  }[];
  return Object.fromEntries(all.map((one) => [one.resource_name, one.physical_resource_id]));
}

describe('stacks', () => {
  let server: DemoServer;

  testComing(group);
  testChecks(group, 'stacks');

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  test('make a server with its network and address, and take all of it away again', async () => {
    await openstack('keypair', 'create', 'stack-key');
    await openstack(
      'stack',
      'create',
      '--wait',
      '-t',
      example('server.yaml'),
      '--parameter',
      'key=stack-key',
      'one',
    );
    expect(await output('one', 'address')).toMatch(/^10\.29\.29\./);
    const { server: id } = await resourcesOf('one');
    expect(await openstack('server', 'show', String(id), '-f', 'value', '-c', 'status')).toBe('ACTIVE');
    await openstack('stack', 'delete', '--wait', '--yes', 'one');
    expect(await openstack('server', 'list', '-f', 'value', '-c', 'Name')).toBe('demo');
  });

  test('that are not right are told of with the place', async () => {
    const wrong = join(group().directory, 'wrong.yaml');
    await writeFile(wrong, 'heat_template_version: 2018-08-31\nresources: {one: {type: OS::Nova::Servr}}\n');
    const { code, stderr } = await group().gantry.run(
      'openstack',
      '--os-cloud',
      `${cloud}-demo`,
      'stack',
      'create',
      '-t',
      wrong,
      'wrong',
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('OS::Nova::Servr');
  });

  test('are made of several files, and stay as they are when they are updated from the same', async () => {
    const directory = join(group().directory, 'nested');
    await mkdir(join(directory, 'lib'), { recursive: true });
    const version = 'heat_template_version: 2018-08-31\n';
    await writeFile(join(directory, 'main.yaml'), `${version}resources: {inner: {type: lib/inner.yaml}}\n`);
    await writeFile(
      join(directory, 'lib/inner.yaml'),
      `${version}resources: {word: {type: OS::Heat::RandomString}}\noutputs: {word: {value: {get_attr: [word, value]}}}\n`,
    );
    const main = join(directory, 'main.yaml');
    await openstack('stack', 'create', '--wait', '-t', main, 'nested');
    const before = await resourcesOf('nested');
    await openstack('stack', 'update', '--wait', '-t', main, 'nested');
    expect(await resourcesOf('nested')).toEqual(before);
    await openstack('stack', 'delete', '--wait', '--yes', 'nested');
  });

  test('wait for what a server says of itself', async () => {
    await openstack(
      'stack',
      'create',
      '--wait',
      '-t',
      example('waiting.yaml'),
      '--parameter',
      'network=demo',
      'waiting',
    );
    expect(await output('waiting', 'said')).toContain('ready');
    await openstack('stack', 'delete', '--wait', '--yes', 'waiting');
  });

  test('grow and shrink within their bounds by URLs that servers call, and nobody else can make', async () => {
    await openstack(
      'stack',
      'create',
      '--wait',
      '-t',
      example('scaling.yaml'),
      '--parameter',
      'network=demo',
      'scaling',
    );
    const [more, fewer] = [await output('scaling', 'more'), await output('scaling', 'fewer')];
    const waitForSize = (size: string) =>
      waitUntil(`${size} servers`, 120_000, async () =>
        (await output('scaling', 'size')) === size ? true : undefined,
      );
    await server.run(`curl -sS -d '' '${more}'`);
    await waitForSize('2');
    await expectStack('scaling', 'CREATE_COMPLETE');

    const api = await ApiClient.open(group().gantry);
    const forged = more.replace(/Signature=[^&]*/, 'Signature=Zm9yZ2Vk');
    expect((await api.askWithoutToken('POST', forged)).status).toBe(403);
    expect(await output('scaling', 'size')).toBe('2');

    await server.run(`curl -sS -d '' '${fewer}'`);
    await waitForSize('1');
    await server.run(`curl -sS -d '' '${fewer}'`).catch(() => undefined);
    expect(await output('scaling', 'size')).toBe('1');
    await openstack('stack', 'delete', '--wait', '--yes', 'scaling');
  });

  test('can be gone on with when the engine was killed in the middle of an update', async () => {
    const template = join(group().directory, 'slow.yaml');
    const write = (value: string) =>
      writeFile(
        template,
        `heat_template_version: 2018-08-31\nresources: {slow: {type: OS::Heat::TestResource, properties: {value: ${value}, action_wait_secs: {create: 1, update: 20}}}}\n`,
      );
    await write('one');
    await openstack('stack', 'create', '--wait', '-t', template, 'slow');
    await write('two');
    await openstack('stack', 'update', '-t', template, 'slow');
    await group().containers.crash('heat-engine');
    await group().containers.waitUntilHealthy(120_000);
    await expectStack('slow', 'UPDATE_FAILED');
    await write('three');
    await openstack('stack', 'update', '--wait', '-t', template, 'slow');
    await expectStack('slow', 'UPDATE_COMPLETE');
    await openstack('stack', 'delete', '--wait', '--yes', 'slow');
  });

  testGroupChanges(group, withHeat, {
    option: {
      lines: 'config: {heat.conf: {DEFAULT: {max_resources_per_stack: 500}}}\n',
      replaces: ['heat-api', 'heat-engine'],
    },
    rotated: 'heat',
    ask: async () => (await ApiClient.open(group().gantry)).askAllTheTime({ type: TYPE, path: '/stacks' }),
  });

  test('made before passwords were changed are still acted for', async () => {
    await openstack(
      'stack',
      'create',
      '--wait',
      '-t',
      example('scaling.yaml'),
      '--parameter',
      'network=demo',
      'entrusted',
    );
    await expectDone(group(), 'rotate', 'passwords', 'heat', '--yes');
    await server.run(`curl -sS -d '' '${await output('entrusted', 'more')}'`);
    await waitUntil('2 servers', 120_000, async () =>
      (await output('entrusted', 'size')) === '2' ? true : undefined,
    );
    await openstack('stack', 'delete', '--wait', '--yes', 'entrusted');
  });

  testGoing(group);
});
