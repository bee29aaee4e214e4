import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import registryService from '../../catalogue/image-registry/service.ts';
import { createDockerClient } from '../../engines/docker/client.ts';
import type { KubeObject, Node, Pod } from '../../engines/kubernetes/api/objects.ts';
import { changeRoles } from '../../engines/kubernetes/nodes/nodes.ts';
import { imagesOf } from '../../engines/kubernetes/observe/facts.ts';
import { findImage, loadImageGraph } from '../../src/images/graph.ts';
import type { Image } from '../../src/images/image.ts';
import { pushImages } from '../../src/images/push.ts';
import { archiveImage } from '../../src/images/save.ts';
import type { Desired, DesiredImage } from '../../src/model/desired.ts';
import { builtinRegistry } from '../../src/model/image-registry.ts';
import { nodeRoles } from '../../src/model/node-role.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../contract/cloud.ts';
import { exampleService } from '../contract/example.ts';
import { createTestCloud, desiredOf, type TestCloud } from './kubernetes-cloud.ts';
import { type AnyCluster, openAnyCluster } from './test-cluster.ts';
import { importTinyImage } from './tiny-image.ts';
import { failure, forever, outputOf, processOf } from './workloads.ts';

const name = `gantry-registry-${process.pid}`;
/** Images of this run alone, so that no node has them from an earlier one. */
const hash = `e2e${process.pid}`;
const tiny: DesiredImage = { name: 'tiny', hash, reference: `gantry/tiny:${hash}`, parents: [] };
const registryImage: DesiredImage = { ...tiny, name: 'registry', reference: `gantry/registry:${hash}` };

let cluster: AnyCluster;
let docker: Docker;
let cloud: TestCloud;
let desired: Desired;
let stateDirectory: string;
let labelled: string[] = [];
/** A node without a role, where the cluster can do without it. */
let spare: string | undefined;
/** Bytes sent by the pushes since this was last set. */
let sent = 0;

async function provideImages(): Promise<void> {
  const root = projectRoot();
  await promisify(execFile)(join(root, 'gantry'), ['images', 'build', 'registry']);
  const built = findImage(await loadImageGraph(root), 'registry').reference;
  await docker.getImage(built).tag({ repo: 'gantry/registry', tag: hash });
  await importTinyImage(docker, tiny.reference);
}

beforeAll(async () => {
  cluster = await openAnyCluster();
  stateDirectory = await mkdtemp(join(tmpdir(), 'gantry-kubernetes-registry-'));
  docker = (await createDockerClient(process.env)).docker;
  await provideImages();
  const rendered = renderCloud([exampleService(), registryService]).desired;
  const app = processOf('app', forever);
  desired = {
    ...desiredOf(name, tiny.reference, [
      ...rendered.processes.filter(({ service }) => service === 'image-registry'),
      app,
    ]),
    images: [tiny, registryImage],
    ...(rendered.registry ? { registry: rendered.registry } : {}),
  };
  cloud = await openCloud((image, registry) => archiveImage(docker, image as Image, registry));
  const nodes = (await cloud.engine.nodes?.list()) ?? [];
  labelled = nodes.filter(({ unlabelled }) => unlabelled).map((node) => node.name);
  spare = labelled.length > 1 ? labelled.at(-1) : undefined;
  if (spare === undefined) return;
  for (const node of labelled.slice(0, -1)) await changeRoles(cloud.api, node, { add: nodeRoles });
});

afterAll(async () => {
  try {
    if (cloud) await leave();
    if (stateDirectory) await rm(stateDirectory, { recursive: true });
  } finally {
    await cluster?.close();
  }
});

/** Leaves the nodes as they were, and this machine without the images of the run. */
async function leave(): Promise<void> {
  await cloud.down(desired, true).catch(() => undefined);
  await cloud.remove();
  for (const node of labelled) await changeRoles(cloud.api, node, { remove: nodeRoles });
  for (const { reference } of [tiny, registryImage]) await docker.getImage(reference).remove();
}

function openCloud(
  saveImage: (image: DesiredImage, registry: string) => Promise<Buffer>,
): Promise<TestCloud> {
  return createTestCloud(name, {
    registry: builtinRegistry.address,
    stateDirectory,
    images: {
      saveImage,
      listBuiltImages: async () => [tiny.reference, registryImage.reference],
      publishImage: async (image, registry, { signal }) => {
        let done = 0;
        const onProgress = (_image: Image, bytes: number) => {
          done = bytes;
        };
        await pushImages(docker, [image as Image], { registry, version: hash, signal, onProgress });
        sent += done;
      },
    },
  });
}

async function list<T extends KubeObject>(path: string): Promise<T[]> {
  return (await cloud.api.request<{ items: T[] }>('GET', path.replace('NS', name))).items;
}

describe('a registry inside the cluster', () => {
  test('a node that cannot load its image is told so, with what to do, before anything runs', async () => {
    const broken = await openCloud(async () => Buffer.from('no archive'));
    const error = await failure(broken.up(desired));
    expect(error).toMatchObject({ code: 'node.not-seeded', whose: 'environment' });
    expect(error.next).toContain('gantry images save registry > FILE');
    expect(await list('/apis/apps/v1/namespaces/NS/statefulsets')).toEqual([]);
    await expect.poll(() => list('/api/v1/namespaces/NS/pods'), { timeout: 60_000 }).toEqual([]);
  });

  test('nodes that have nothing get it, and everything else from it', async () => {
    const plan = await cloud.plan(desired);
    const seeded = plan.steps.filter(({ kind }) => kind === 'node.seed').map(({ resource }) => resource);
    expect(seeded.length).toBeGreaterThan(0);
    expect(seeded).not.toContain(spare);
    await cloud.up(desired);
    expect(sent).toBeGreaterThan(0);
    expect(await cloud.pending(desired)).toEqual([]);
    const pods = await list<Pod>('/api/v1/namespaces/NS/pods');
    const images = pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image));
    expect(new Set(images)).toEqual(
      new Set([tiny, registryImage].map(({ reference }) => `${builtinRegistry.address}/${reference}`)),
    );
    expect(pods.filter(({ metadata }) => metadata.name.startsWith('seed-'))).toEqual([]);
    const { images: published } = await cloud.engine.observe(desired);
    expect(published.sort()).toEqual([registryImage.reference, tiny.reference]);
  });

  test('takes images from nobody inside the cluster', async () => {
    const upload = 'POST /v2/gantry/tiny/blobs/uploads/ HTTP/1.0\\r\\nContent-Length: 0\\r\\n\\r\\n';
    const ask = `printf '${upload}' | nc -w 5 registry ${builtinRegistry.port} | head -n 1`;
    expect(await outputOf(cloud.engine.exec, name, 'app', ['sh', '-c', ask])).toContain(' 405 ');
  });

  test('a node that is prepared for its role gets its processes without another up', async ({ skip }) => {
    if (spare === undefined) return skip('the cluster has no node to spare');
    const waits: string[] = [];
    const prepare = () =>
      cloud.engine.nodes?.prepare(spare as string, desired, {
        signal: new AbortController().signal,
        waiting: (reason) => waits.push(reason),
        progress() {},
        log() {},
      });
    await prepare();
    expect(waits).toContain(`a pod on ${spare} that takes the image`);
    await changeRoles(cloud.api, spare, { add: ['compute'] });
    const mirror = async () => {
      const pods = await list<Pod>('/api/v1/namespaces/NS/pods');
      return pods.some(({ spec, status }) => spec.nodeName === spare && status.phase === 'Running');
    };
    await expect.poll(mirror, { timeout: 60_000 }).toBe(true);
    waits.length = 0;
    await prepare();
    expect(waits).toEqual([]);
    await cloud.up(desired);
  });

  test('does not hold back what nodes have already while it is away', async () => {
    const known = async () => {
      const nodes = await list<Node>('/api/v1/nodes');
      return nodes.some((node) => imagesOf(node).has(`${builtinRegistry.address}/${tiny.reference}`));
    };
    await expect.poll(known, { timeout: 60_000 }).toBe(true);
    await cloud.api.request('DELETE', `/api/v1/namespaces/${name}/pods/registry-0`);
    const { steps } = await cloud.plan(desired);
    expect(steps.filter(({ kind }) => kind.startsWith('image.')).map(({ id }) => id)).toEqual([]);
    await cloud.up(desired);
  });

  test('keeps its images when the cloud is taken down: none is sent again', async () => {
    await cloud.down(desired, false);
    const claims = await list('/api/v1/namespaces/NS/persistentvolumeclaims');
    expect(claims.map(({ metadata }) => metadata.name)).toContain('registry-registry-0');
    sent = 0;
    await cloud.up(desired);
    expect(sent).toBe(0);
  });

  test('goes with its data', async () => {
    await cloud.down(desired, true);
    expect((await cloud.engine.planDown(desired, { volumes: true })).steps).toEqual([]);
    expect(cloud.warnings).toEqual([]);
  });
});
