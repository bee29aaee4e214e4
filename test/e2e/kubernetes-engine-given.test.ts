import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from '../../engines/kubernetes/api/objects.ts';
import { readNodes } from '../../engines/kubernetes/observe/nodes.ts';
import { lastLines } from '../../engines/kubernetes/pods/output.ts';
import type { Process } from '../../src/model/workload.ts';
import { pushForSuite } from './built-images.ts';
import { waitUntil } from './gantry.ts';
import {
  askByDatagram,
  askInside,
  echoOf,
  givenImage,
  limitedOf,
  readLimit,
  writeAndRead,
  writerOf,
} from './given.ts';
import { desiredOf, type TestCloud } from './kubernetes-cloud.ts';
import { lacking } from './test-cluster.ts';
import { openTinyCloud, type TinyCloud } from './tiny-cloud.ts';
import { outputOf } from './workloads.ts';

const name = `gantry-given-${process.pid}`;
const DISK = '/var/tmp/gantry-e2e-disk';

const MIB = 1024 ** 2;

let opened: TinyCloud;
let cloud: TestCloud;
/** Of the image with Python; undefined where nodes cannot be given it. */
let reference: string | undefined;

beforeAll(async () => {
  opened = await openTinyCloud(name);
  cloud = opened.cloud;
  const { registry } = opened.cluster;
  if (registry !== undefined) reference = await pushForSuite('given', givenImage, registry);
});

afterAll(() => opened?.close());

function of(image: string, ...processes: Process[]) {
  const desired = desiredOf(name, opened.reference, processes);
  const images = [...desired.images, { name: givenImage, hash: '', reference: image, parents: [] }];
  return { ...desired, images };
}

const output = (process: string, command: string[]) => outputOf(cloud.engine.exec, name, process, command);

/** Gives the work a loop device of a node, which is gone afterwards. */
async function withLoopDevice(node: string, work: (device: string) => Promise<void>): Promise<void> {
  const shell = (script: string, ...rest: string[]) =>
    opened.cluster.shells.runPrivileged(node, 'sh', '-euc', script, 'sh', DISK, ...rest);
  const attach = `truncate -s 32M "$1"
device=$(losetup --find | cut -d " " -f 1)
[ -b "$device" ] || mknod "$device" b 7 "\${device#/dev/loop}"
losetup "$device" "$1"
echo "$device"`;
  const device = (await shell(attach)).trim();
  try {
    await work(device);
  } finally {
    await shell('losetup --detach "$2"; rm "$1"', device);
  }
}

describe('a process on Kubernetes is given of its node', () => {
  test('a block device, unless that holds something of others', async ({ skip }) => {
    if (reference === undefined) return skip(lacking.registry);
    const image = reference;
    const node = opened.cluster.nodes[0] as string;
    await withLoopDevice(node, async (device) => {
      const writer = writerOf('writer', device, [], { node });
      await cloud.up(of(image, writer));
      expect(await output('writer', writeAndRead)).toBe('seen');
      await cloud.up(of(image));
      await opened.cluster.shells.runPrivileged(node, 'mkswap', device);
      const abort = new AbortController();
      const interrupted = cloud.up(of(image, writer), { signal: abort.signal });
      const crashed = await waitUntil('the end of what looks at the device', 60_000, async () => {
        const pods = await cloud.api.request<{ items: Pod[] }>('GET', `/api/v1/namespaces/${name}/pods`);
        return pods.items.find(({ metadata, status }) => {
          const isWriter = metadata.labels?.['app.kubernetes.io/name'] === 'writer';
          return isWriter && status.initContainerStatuses?.some(({ restartCount }) => restartCount > 0);
        });
      });
      const said = await lastLines(cloud.api, crashed, 20);
      expect(said.join('\n')).toContain('has swap on it, and would be written to');
      abort.abort();
      await interrupted;
      await cloud.up(of(image));
    });
  });

  test('no more memory than it may have', async ({ skip }) => {
    if (reference === undefined) return skip(lacking.registry);
    await cloud.up(of(reference, limitedOf('limited', { memoryMiB: 96 })));
    expect(await output('limited', readLimit)).toBe(`${96 * MIB}`);
  });

  test('a port for UDP, at the address of a node and by its name inside', async ({ skip }) => {
    if (reference === undefined) return skip(lacking.registry);
    const [echo, asker] = [echoOf('echo', 15_354), limitedOf('asker', {})];
    await cloud.up(of(reference, echo, { ...asker, reaches: ['echo'] }));
    const [node] = await readNodes(cloud.api);
    const address = node?.status.addresses?.find(({ type }) => type === 'InternalIP')?.address as string;
    expect(await askByDatagram(address, 15_354, 'from outside')).toBe('FROM OUTSIDE');
    expect(await output('asker', askInside('echo', 'from inside'))).toBe('FROM INSIDE');
  });
});
