import { describe, expect, test } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { hostName, nodeName } from '../cluster/settings.ts';
import { ClusterCloud, useClusterCloud } from './cluster-cloud.ts';
import { waitUntil } from './gantry.ts';
import { gatewayHosts } from './ovn.ts';
import { expectDone, needServers } from './parts/cloud.ts';

/** What a cloud on several nodes promises: servers on all of them, and nodes that come and go. One is lost in `kubernetes-nodes-lost.test.ts`. */
const cloud = useClusterCloud('kube-nodes');
const inTest = () => cloud().inTest();

describe('nodes', () => {
  test('are called one thing by all that registers itself, whatever their machines are called', async ({
    skip,
  }) => {
    const { nodes, first, second, cluster } = cloud();
    skip(nodes.length < 2, ClusterCloud.fewNodes);
    // Those of the test cluster are; of others it is not known.
    if (second === nodeName(2))
      expect((await cluster.shells.run(second, 'hostname')).trim()).toBe(hostName(2));
    const called = async (column: string, ...list: string[]): Promise<string[]> => {
      const rows = await cloud().openstack<Record<string, string>[]>(...list);
      return [...new Set(rows.map((row) => row[column] ?? ''))].sort();
    };
    expect(await cloud().computeHosts()).toEqual([first, second]);
    expect(await called('Hypervisor Hostname', 'hypervisor', 'list')).toEqual([first, second]);
    expect(await called('name', 'resource', 'provider', 'list')).toEqual([first, second]);
    expect(await called('Host', 'network', 'agent', 'list')).toEqual([first, second]);
  });

  test('servers on two of them reach each other over the tenant network', async ({ skip }) => {
    const { nodes, first, second, gantry, demo } = cloud();
    needServers(inTest(), skip);
    skip(nodes.length < 2, ClusterCloud.fewNodes);
    const from = await cloud().hostOfDemo();
    const other = from === first ? second : first;
    await gantry.output('openstack', 'security', 'group', 'create', 'answering');
    await gantry.output(
      'openstack',
      'security',
      'group',
      'rule',
      'create',
      '--protocol',
      'icmp',
      'answering',
    );
    try {
      const what = ['--image', 'gantry-guest', '--flavor', 'm1.nano', '--network', 'demo'];
      const where = ['--availability-zone', `nova:${other}`, '--security-group', 'answering'];
      await expectDone(cloud(), 'openstack', 'server', 'create', ...what, ...where, '--wait', 'neighbour');
      const neighbour = await cloud().openstack<{ addresses: { demo: string[] } }>(
        'server',
        'show',
        'neighbour',
      );
      const address = neighbour.addresses.demo[0] as string;
      await waitUntil(`an answer from ${address} on ${other}`, 120_000, () =>
        demo.run(`ping -c 1 -W 2 ${address}`),
      );
    } finally {
      await gantry.output('openstack', 'server', 'delete', '--wait', 'neighbour');
      await gantry.output('openstack', 'security', 'group', 'delete', 'answering');
    }
  });

  test('a server moves to another and back while it runs, and connections to it stay open', async ({
    skip,
  }) => {
    const { nodes, first, second, gantry, demo, demoId } = cloud();
    needServers(inTest(), skip);
    skip(nodes.length < 2, ClusterCloud.fewNodes);
    const session = demo.start('while read line; do echo "heard $line"; done');
    const answer = async (word: string) => {
      session.child.stdin?.write(`${word}\n`);
      try {
        await waitUntil(`an answer to "${word}" over the open connection`, 120_000, () =>
          session.output().includes(`heard ${word}`) ? true : undefined,
        );
      } catch (cause) {
        const { stdout } = await gantry.run('explain', 'server', demoId);
        throw new Error(`${messageOf(cause)}\n${stdout}`, { cause });
      }
    };
    await answer('before');
    for (const word of ['there', 'back']) {
      const from = await cloud().hostOfDemo();
      await expectDone(cloud(), 'openstack', 'server', 'migrate', '--live-migration', '--wait', demoId);
      const to = await waitUntil('the demo server on another node', 60_000, async () => {
        const now = await cloud().hostOfDemo();
        return now === from ? undefined : now;
      });
      expect([first, second]).toContain(to);
      await answer(word);
    }
    session.child.stdin?.end();
    await session.finished;
  });

  test('one with the label of its role becomes a compute node by itself, and leaves when it is drained', async ({
    skip,
  }) => {
    const { nodes, first, second, third, gantry } = cloud();
    skip(nodes.length < 3, ClusterCloud.fewNodes);
    await cloud().joinThird();
    const control = ['label-nodes', third, '--role', 'control'];
    await expectDone(cloud(), ...control);
    const { stderr } = await expectDone(cloud(), 'node', 'drain', third);
    expect(await cloud().computeHosts()).toEqual([first, second]);
    // What has that role may keep the cloud's data: it stays until it is told otherwise.
    expect(stderr).toContain('keeps the role control');
    expect(await cloud().keptOn(third)).not.toContain(cloud().name);
    const listed: { name: string; roles: string[] }[] = JSON.parse(
      await gantry.output('node', 'list', '-o', 'json'),
    );
    expect(listed.find(({ name }) => name === third)?.roles).toEqual(['control']);
    await expectDone(cloud(), ...control, '--remove');
    // The address of a control node came into the certificate.
    await expectDone(cloud(), 'up');
    const agents = await cloud().openstack<{ Host: string }[]>('network', 'agent', 'list');
    expect(new Set(agents.map(({ Host }) => Host))).toEqual(new Set([first, second]));
    await expectDone(cloud(), 'plan', '--detailed-exitcode');
    const unknown = await gantry.run('node', 'drain', 'no-such-node');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain(`${first}, ${second}`);
  });

  test('one with the role network alone has the switch and the gateways, and no servers', async ({
    skip,
  }) => {
    const { nodes, first, second, third, gantry, pods, demo } = cloud();
    needServers(inTest(), skip);
    skip(nodes.length < 3, ClusterCloud.fewNodes);
    const others = ['label-nodes', first, second, '--role', 'network'];
    expect(await gatewayHosts(gantry)).not.toContain(third);
    await expectDone(cloud(), 'label-nodes', third, '--role', 'network');
    await expectDone(cloud(), ...others, '--remove');
    await expectDone(cloud(), 'up');
    const moved = (to: string[]) =>
      waitUntil(`gateways on ${to}`, 180_000, async () => {
        const hosts = await gatewayHosts(gantry);
        return hosts.length > 0 && hosts.every((host) => to.includes(host)) ? true : undefined;
      });
    await moved([third]);
    expect(await demo.run('hostname')).toBe('demo');
    const processes = (await pods.list())
      .filter(({ spec }) => spec?.nodeName === third)
      .map(({ metadata }) => metadata?.labels?.['app.kubernetes.io/name'])
      .filter((name) => name !== 'registry-mirror');
    expect(processes.sort()).toEqual(['openvswitch', 'openvswitch-db', 'ovn-controller']);
    expect(await cloud().computeHosts()).toEqual([first, second]);
    await expectDone(cloud(), ...others);
    await expectDone(cloud(), 'up');
    await expectDone(cloud(), 'node', 'drain', third);
    await moved([first, second]);
    await expectDone(cloud(), 'up');
    await expectDone(cloud(), 'plan', '--detailed-exitcode');
  });
});

test('nothing that all of this asked of the cluster is deprecated', () => {
  expect(cloud().gantry.warnings).toEqual([]);
});
