import { beforeAll, expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { CephCluster } from './ceph-cluster.ts';
import { ClusterCloud, useClusterCloud } from './cluster-cloud.ts';
import { waitUntil } from './gantry.ts';
import { expectDone, report } from './parts/cloud.ts';
import { lacking } from './test-cluster.ts';

/** How many monitors of Ceph there are, and which of them may be lost, on a real Kubernetes with three control nodes. */
const services = (await loadCatalogue(projectRoot())).filter(
  ({ name, byDefault }) => byDefault || name === 'ceph',
);
// Of all else there is one: what others do with three is tried elsewhere.
const single = services.flatMap(({ processNames }) =>
  Object.entries(processNames).flatMap(([name, { replicas, bySettings, ofNetworkDriver }]) =>
    replicas && !bySettings && !ofNetworkDriver ? [`${name}: 1`] : [],
  ),
);
const cloud = useClusterCloud('kube-mons', {
  lines: `services: {ceph: true}\nstorage: {ceph: {volumes: 3, size: 6Gi}}\nreplicas: {${single.join(', ')}}`,
  secondRoles: 'control',
  thirdRoles: 'control',
  withoutDemo: true,
});
const ceph = new CephCluster(cloud);
/** Seconds for which a node is away, and in which a client writes. */
const AWAY = 75;

let address: string;
let written: string;

const nodesOfMonitors = async () =>
  Object.fromEntries(
    (await cloud().pods.list())
      .filter(({ metadata }) => /^ceph-mon-\d$/.test(metadata?.name ?? ''))
      .map(({ metadata, spec }) => [metadata?.name, spec?.nodeName ?? '']),
  );

beforeAll(async () => {
  if (cloud().nodes.length < 3) return;
  address = await cloud().pods.serviceAddress('ceph-mon');
  await ceph.writeImage();
  written = await ceph.checksum();
});

test('one monitor becomes three, on different nodes, and keeps its address', async ({ skip }) => {
  const { nodes, pods } = cloud();
  skip(nodes.length < 3, ClusterCloud.fewNodes);
  await expectDone(cloud(), 'scale', 'ceph-mon=3');
  await ceph.waitForHealth();
  expect(await ceph.quorum()).toBe('abc');
  expect(new Set(Object.values(await nodesOfMonitors())).size).toBe(3);
  expect(await pods.serviceAddress('ceph-mon')).toBe(address);
  expect(await ceph.checksum()).toBe(written);
  await expectDone(cloud(), 'plan', '--detailed-exitcode');
});

test('the node of the first is lost: writes go on after half a minute, and it comes back', async ({
  skip,
}) => {
  const { nodes, gantry, cluster } = cloud();
  skip(nodes.length < 3, ClusterCloud.fewNodes);
  if (!cluster.power) return skip(lacking.power);
  const lost = (await nodesOfMonitors())['ceph-mon-0'] ?? '';
  const writing = gantry.run('exec', 'ceph-mon.1', '--', 'python3', '-c', longestWrite);
  await waitUntil('the image that is written to', 60_000, async () => {
    const list = ['rbd', 'ls', 'volumes'];
    return (await gantry.output('exec', 'ceph-mon.1', '--', ...list)).includes('lasting') ? true : undefined;
  });
  await cluster.power.kill(lost);
  try {
    const { code, stdout, stderr } = await writing;
    expect(code, stderr).toBe(0);
    report(`a write took ${Number(stdout).toFixed(1)} s when the first monitor's node was lost`);
    expect(Number(stdout)).toBeLessThan(30);
    const told = await gantry.output('exec', 'ceph-mon.1', '--', 'timeout', '30', 'ceph', 'quorum_status');
    expect(JSON.parse(told).quorum_names.toSorted()).toEqual(['b', 'c']);
  } finally {
    await cluster.power.start(lost);
  }
  await cloud().pods.waitUntilReady(300_000);
  await ceph.waitForHealth(300_000);
  expect(await ceph.quorum()).toBe('abc');
});

test('three become one again, at the same address', async ({ skip }) => {
  const { nodes, pods } = cloud();
  skip(nodes.length < 3, ClusterCloud.fewNodes);
  await expectDone(cloud(), 'scale', 'ceph-mon=1');
  await ceph.waitForHealth();
  expect(await ceph.quorum()).toBe('a');
  expect(await pods.serviceAddress('ceph-mon')).toBe(address);
  await expectDone(cloud(), 'plan', '--detailed-exitcode');
});

/** Writes small blocks to another image for a while, and prints the seconds of the one that took longest. */
const longestWrite = `
import time, rados, rbd
with rados.Rados(conffile='/etc/ceph/ceph.conf', name='client.admin') as cluster, cluster.open_ioctx('volumes') as pool:
    rbd.RBD().create(pool, 'lasting', 64 * 2**20)
    with rbd.Image(pool, 'lasting') as image:
        longest, offset, end = 0, 0, time.monotonic() + ${AWAY}
        while time.monotonic() < end:
            began = time.monotonic()
            image.write(b'x' * 4096, offset)
            image.flush()
            longest = max(longest, time.monotonic() - began)
            offset = (offset + 2**20) % (64 * 2**20)
            time.sleep(0.1)
print(longest)
`;
