import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ApiClient, DemoServer } from './client.ts';
import { testComing, testGoing, testGroupChanges, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { Stacks } from './stacks.ts';

/** What stacks promise beside what `heat` asks of them, on a real Docker Engine. */
const cloud = 'e2eheatcomplete';
const withHeat = 'services: {heat: true}\n';
const VERSION = 'heat_template_version: 2018-08-31\n';

const group = useGroupCloud(cloud, withHeat);
const stacks = new Stacks(cloud, group);

describe('stacks', () => {
  let server: DemoServer;

  testComing(group);

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  test('make a server with its network and address, and take all of it away again', async () => {
    await stacks.openstack('keypair', 'create', 'stack-key');
    await stacks.makeExample('one', 'server.yaml', 'key=stack-key');
    expect(await stacks.output('one', 'address')).toMatch(/^10\.29\.29\./);
    const { server: id } = await stacks.resourcesOf('one');
    expect(await stacks.openstack('server', 'show', String(id), '-f', 'value', '-c', 'status')).toBe(
      'ACTIVE',
    );
    await stacks.remove('one');
    expect(await stacks.openstack('server', 'list', '-f', 'value', '-c', 'Name')).toBe('demo');
  });

  test('are made of several files, and stay as they are when they are updated from the same', async () => {
    const directory = join(group().directory, 'nested');
    await mkdir(join(directory, 'lib'), { recursive: true });
    const main = join(directory, 'main.yaml');
    await writeFile(main, `${VERSION}resources: {inner: {type: lib/inner.yaml}}\n`);
    await writeFile(
      join(directory, 'lib/inner.yaml'),
      `${VERSION}resources: {word: {type: OS::Heat::RandomString}}\noutputs: {word: {value: {get_attr: [word, value]}}}\n`,
    );
    await stacks.make('create', 'nested', main);
    const before = await stacks.resourcesOf('nested');
    await stacks.make('update', 'nested', main);
    expect(await stacks.resourcesOf('nested')).toEqual(before);
    await stacks.remove('nested');
  });

  test('can be gone on with when the engine was killed in the middle of an update', async () => {
    const template = join(group().directory, 'slow.yaml');
    const write = (value: string) =>
      writeFile(
        template,
        `${VERSION}resources: {slow: {type: OS::Heat::TestResource, properties: {value: ${value}, action_wait_secs: {create: 1, update: 10}}}}\n`,
      );
    await write('one');
    await stacks.make('create', 'slow', template);
    await write('two');
    await stacks.openstack('stack', 'update', '-t', template, 'slow');
    await group().containers.crash('heat-engine');
    await group().containers.waitUntilHealthy(120_000);
    await stacks.expectStatus('slow', 'UPDATE_IN_PROGRESS');
    await write('three');
    await stacks.make('update', 'slow', template);
    await stacks.expectStatus('slow', 'UPDATE_COMPLETE');
    await stacks.remove('slow');
  });

  testGroupChanges(group, withHeat, {
    option: {
      lines: 'config: {heat.conf: {DEFAULT: {max_resources_per_stack: 500}}}\n',
      replaces: ['heat-api', 'heat-engine'],
    },
    rotated: 'heat',
    ask: async () =>
      (await ApiClient.open(group().gantry)).askAllTheTime({ type: 'orchestration', path: '/stacks' }),
  });

  test('made before passwords were changed are still acted for', async () => {
    await stacks.makeExample('entrusted', 'scaling.yaml', 'network=demo');
    await expectDone(group(), 'rotate', 'passwords', 'heat', '--yes');
    await server.run(`curl -sS -d '' '${await stacks.output('entrusted', 'more')}'`);
    await stacks.waitForOutput('entrusted', 'size', '2');
    await stacks.remove('entrusted');
  });

  testGoing(group);
});
