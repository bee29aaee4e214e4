import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDockerClient } from '../../engines/docker/client.ts';
import type { Pod } from '../../engines/kubernetes/api/objects.ts';
import { changeRoles } from '../../engines/kubernetes/nodes/nodes.ts';
import { createTestCloud, type ImageSources, type TestCloud } from './kubernetes-cloud.ts';
import { type AnyCluster, openAnyCluster } from './test-cluster.ts';
import { importTinyImage } from './tiny-image.ts';

/** Where images are called to be, in a cluster that has no registry: the nodes are given them. */
const nowhere = 'localhost:4998';

/** More than an archive of the tiny image takes. */
const MOST_BYTES = 64 * 2 ** 20;

/** A cloud on a cluster, of which nothing is there yet but the tiny image, in the registry or on the nodes. */
export interface TinyCloud {
  cloud: TestCloud;
  cluster: AnyCluster;
  /** Where nodes have the tiny image from. */
  source: { registry: string; images: Partial<ImageSources> };
  /** Of the tiny image, without the registry. */
  reference: string;
  stateDirectory: string;
  /** Removes the cloud, and the roles of nodes and the cluster that came with it. */
  close(): Promise<void>;
}

/** Takes the cluster that KUBECONFIG names, or makes the test cluster. */
export async function openTinyCloud(name: string): Promise<TinyCloud> {
  const reference = `gantry-test/tiny:${name}`;
  const cluster = await openAnyCluster();
  const stateDirectory = await mkdtemp(join(tmpdir(), `${name}-`));
  const close = async (leave: () => Promise<void>) => {
    try {
      await leave();
      await rm(stateDirectory, { recursive: true });
    } finally {
      await cluster.close();
    }
  };
  try {
    const source = await provideTinyImage(cluster, name);
    const cloud = await createTestCloud(name, { ...source, stateDirectory });
    const nodes = (await cloud.engine.nodes?.list()) ?? [];
    const labelled = nodes.filter(({ unlabelled }) => unlabelled).map((node) => node.name);
    return {
      cloud,
      cluster,
      source,
      reference,
      stateDirectory,
      close: () => close(() => leave(cloud, labelled)),
    };
  } catch (thrown) {
    await close(async () => {});
    throw thrown;
  }
}

/** Takes the nodes' roles away that they had not, unless another cloud has come to rely on them meanwhile. */
async function leave(cloud: TestCloud, labelled: readonly string[]): Promise<void> {
  await cloud.remove();
  const others = await cloud.api.request<{ items: Pod[] }>('GET', '/api/v1/pods', {
    query: { labelSelector: `gantry.org/cloud,gantry.org/cloud!=${cloud.name}` },
  });
  if (others.items.length > 0) return;
  for (const node of labelled)
    await changeRoles(cloud.api, node, { remove: ['control', 'compute', 'network'] });
}

async function provideTinyImage(cluster: AnyCluster, version: string): Promise<TinyCloud['source']> {
  const { docker } = await createDockerClient(process.env);
  const reference = `gantry-test/tiny:${version}`;
  await importTinyImage(docker, reference);
  try {
    const { registry } = cluster;
    if (registry === undefined) {
      const repo = `${nowhere}/gantry-test/tiny`;
      await docker.getImage(reference).tag({ repo, tag: version });
      const { stdout } = await promisify(execFile)('sh', ['-c', `docker save ${repo}:${version} | gzip`], {
        encoding: 'buffer',
        maxBuffer: MOST_BYTES,
      });
      for (const node of cluster.nodes) await cluster.shells.load(node, stdout);
      const listPublishedImages = async (asked: readonly string[]) =>
        asked.filter((one) => one === reference);
      return { registry: nowhere, images: { listPublishedImages } };
    }
    await docker.getImage(reference).tag({ repo: `${registry}/gantry-test/tiny`, tag: version });
    await promisify(execFile)('docker', ['push', '-q', `${registry}/${reference}`]);
    return { registry, images: {} };
  } finally {
    for (const name of [`${cluster.registry ?? nowhere}/${reference}`, reference]) {
      await docker
        .getImage(name)
        .remove({ force: true })
        .catch(() => undefined);
    }
  }
}
