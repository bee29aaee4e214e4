import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDockerClient } from '../../engines/docker/client.ts';
import { setRoles } from '../../engines/kubernetes/nodes.ts';
import type { Pod } from '../../engines/kubernetes/objects.ts';
import { createTestCloud, type TestCloud } from './kubernetes-cloud.ts';
import { openAnyCluster } from './test-cluster.ts';
import { importTinyImage } from './tiny-image.ts';

/** This machine and the nodes reach it by this name. */
export const registry = process.env.GANTRY_TEST_REGISTRY ?? 'localhost:4998';

/** A cloud on a cluster, of which nothing is there yet but the tiny image in the registry. */
export interface TinyCloud {
  cloud: TestCloud;
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
    await pushTinyImage(reference);
    const cloud = await createTestCloud(name, { registry, stateDirectory });
    const nodes = (await cloud.engine.nodes?.list()) ?? [];
    const labelled = nodes.filter(({ unlabelled }) => unlabelled).map((node) => node.name);
    return { cloud, reference, stateDirectory, close: () => close(() => leave(cloud, labelled)) };
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
  for (const node of labelled) await setRoles(cloud.api, node, ['control', 'compute', 'network'], false);
}

async function pushTinyImage(reference: string): Promise<void> {
  const { docker } = await createDockerClient(process.env);
  const tag = `${registry}/${reference}`;
  await importTinyImage(docker, reference);
  try {
    const [, version] = reference.split(':');
    await docker.getImage(reference).tag({ repo: `${registry}/gantry-test/tiny`, tag: version });
    await promisify(execFile)('docker', ['push', '-q', tag]);
  } finally {
    await docker.getImage(tag).remove({ force: true });
    await docker
      .getImage(reference)
      .remove({ force: true })
      .catch(() => undefined);
  }
}
