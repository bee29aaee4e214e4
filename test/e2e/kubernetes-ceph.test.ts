import { beforeAll, describe, expect, test } from 'vitest';
import { CephCluster } from './ceph-cluster.ts';
import type { DemoServer } from './client.ts';
import { ClusterCloud, useClusterCloud } from './cluster-cloud.ts';
import { waitUntil } from './gantry.ts';
import { expectDone, needServers, report } from './parts/cloud.ts';
import { lacking } from './test-cluster.ts';
import { checksum, Volumes, waitForDisks, writeDisk } from './volumes.ts';

/**
 * What of Ceph, and of volumes that are kept there, an engine can break, on a real Kubernetes: addresses and names of pods
 * that come and go, nodes that copies are on, servers on both of them. What no engine can break is tried on Docker.
 */
const name = 'kube-ceph';
const cloud = useClusterCloud(name, {
  lines: 'services: {ceph: true, cinder: true}\nstorage: {ceph: {volumes: 2, size: 6Gi}}',
  secondRoles: 'compute,network,storage',
});
const ceph = new CephCluster(cloud);
const volumes = new Volumes(name, cloud);

/** Each OSD with its number and its node. */
const places = async () => (await ceph.osds()).map(({ host, id, node }) => ({ host, id, node }));

test('copies of blocks are on different nodes, all is well, and a second up has nothing to do', async ({
  skip,
}) => {
  const { nodes, first, second } = cloud();
  skip(nodes.length < 2, ClusterCloud.fewNodes);
  await ceph.waitForHealth();
  expect(new Set((await places()).map(({ node }) => node))).toEqual(new Set([first, second]));
  const { stdout } = await expectDone(cloud(), 'doctor');
  expect(stdout).toMatch(/copies of blocks.*two, on different nodes/);
  await expectDone(cloud(), 'plan', '--detailed-exitcode');
  await expectDone(cloud(), 'verify', 'block pools');
});

test('an OSD whose pod is lost comes back as the one that it was', async () => {
  const { pods } = cloud();
  const before = await places();
  const pod = async () => (await pods.identities())['ceph-osd-2'];
  const lost = await pod();
  await pods.core.deleteNamespacedPod({ namespace: pods.namespace, name: 'ceph-osd-2-0' });
  await waitUntil('another pod', 60_000, async () => {
    const now = await pod();
    return now !== undefined && now !== lost ? true : undefined;
  });
  await pods.waitUntilReady(120_000);
  await ceph.waitForHealth();
  expect(await places()).toEqual(before);
});

describe('a volume', () => {
  let written: string;
  let neighbour: DemoServer;
  const hostOf = async (server: string) =>
    (await volumes.openstack('server', 'show', server, '-f', 'value', '-c', 'hostId')).trim();

  beforeAll(async () => {
    if (!cloud().cluster.external) return;
    await volumes.openstack('volume', 'create', '--size', '1', 'disk');
    await volumes.waitFor('disk', 'available');
    await volumes.openstack('server', 'add', 'volume', 'demo', 'disk');
    await volumes.waitFor('disk', 'in-use');
    await waitForDisks(cloud().demo, { vdb: 1024 });
    written = await writeDisk(cloud().demo);
  });

  test('has the same bytes in a server that runs on while every pod is made again', async ({ skip }) => {
    needServers(cloud().inTest(), skip);
    const { pods, demo } = cloud();
    const address = await pods.serviceAddress('ceph-mon');
    await pods.deleteAll();
    await pods.waitUntilReady(400_000);
    await ceph.waitForHealth();
    await forgetRead(demo);
    expect(await checksum(demo)).toBe(written);
    expect(await pods.serviceAddress('ceph-mon')).toBe(address);
  });

  test('has them in another server on another node, which it is moved to', async ({ skip }) => {
    needServers(cloud().inTest(), skip);
    const { nodes, demo } = cloud();
    skip(nodes.length < 2, ClusterCloud.fewNodes);
    const [image = ''] = (await volumes.openstack('image', 'list', '-f', 'value', '-c', 'ID')).split('\n');
    // Nova puts it where more memory is free.
    neighbour = await volumes.start('neighbour', demo, '--image', image);
    expect(await hostOf('neighbour')).not.toBe(await hostOf('demo'));
    await volumes.openstack('server', 'remove', 'volume', 'demo', 'disk');
    await volumes.waitFor('disk', 'available');
    await volumes.openstack('server', 'add', 'volume', 'neighbour', 'disk');
    await volumes.waitFor('disk', 'in-use');
    await waitForDisks(neighbour, { vdb: 1024 });
    expect(await checksum(neighbour)).toBe(written);
  });

  test('is written to again half a minute after the other node was lost, which comes back', async ({
    skip,
  }) => {
    needServers(cloud().inTest(), skip);
    const { nodes, first, second, cluster } = cloud();
    const { power } = cluster;
    skip(nodes.length < 2, ClusterCloud.fewNodes);
    if (!power) return skip(lacking.power);
    // Its volume comes along while it runs.
    const [{ ID: id = '' } = {}] = await cloud().openstack<{ ID: string }[]>(
      ...['server', 'list', '--all-projects', '--name', '^neighbour$'],
    );
    const shown = () => cloud().openstack<Record<string, string>>('server', 'show', id);
    if ((await shown())['OS-EXT-SRV-ATTR:host'] !== first)
      await expectDone(cloud(), 'openstack', 'server', 'migrate', '--live-migration', '--wait', id);
    await power.kill(second);
    const began = performance.now();
    written = await writeDisk(neighbour);
    const seconds = (performance.now() - began) / 1000;
    report(`8 MiB were written in ${seconds.toFixed(0)} s after the node was lost`);
    expect(seconds).toBeLessThan(60);
    await power.start(second);
    await ceph.waitForHealth(300_000);
    await cloud().pods.waitUntilReady(300_000);
    expect(await checksum(neighbour)).toBe(written);
  });
});

test('disks of nodes are refused at their place', async () => {
  const { gantry } = cloud();
  await gantry.configure(
    `services: {ceph: true}\nstorage: {ceph: {devices: [{path: /dev/sdx, node: node-1}]}}\n${cloud().settings()}`,
  );
  const { code, stderr } = await gantry.run('plan');
  await cloud().configure();
  expect(code).toBe(65);
  expect(stderr).toContain('storage.ceph.devices names disks, which have OSDs in clouds of one machine only');
});

/** What a server reads next comes from its disk, not from its memory. */
async function forgetRead(server: DemoServer): Promise<void> {
  await server.run('sync && echo 3 | doas tee /proc/sys/vm/drop_caches');
}
