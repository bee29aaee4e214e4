import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { expect } from 'vitest';
import type { Pod } from '../../../engines/kubernetes/api/objects.ts';
import { checkPullSecrets } from '../../../engines/kubernetes/preflight/pull-secrets.ts';
import type { Account } from '../../../src/images/account.ts';
import type { Image } from '../../../src/images/image.ts';
import { findPublished } from '../../../src/images/published.ts';
import { pushImages } from '../../../src/images/push.ts';
import type { DesiredImage } from '../../../src/model/desired.ts';
import { readCloudEntry } from '../client.ts';
import type { Gantry } from '../gantry.ts';
import { createTestCloud, desiredOf } from '../kubernetes-cloud.ts';
import type { RegistryClient } from '../registry-client.ts';
import type { AnyCluster } from '../test-cluster.ts';
import { importTinyImage } from '../tiny-image.ts';

const secret = 'ours';

/**
 * Another cloud, whose images are in this one's registry: nodes take them by a password. This machine and the nodes trust the
 * registry as docs/registry.md says.
 */
export async function tryPulling(
  { gantry, cluster, docker }: { gantry: Gantry; cluster: AnyCluster; docker: Docker },
  registry: RegistryClient,
): Promise<void> {
  const { host, password } = registry;
  const name = `gantry-pulling-${process.pid}`;
  const images = `${host}/${name}`;
  const tiny: DesiredImage = { name: 'tiny', hash: name, reference: `gantry/tiny:${name}`, parents: [] };
  const account: Account = { username: 'gantry', password };
  const authority = await readFile((await readCloudEntry(gantry)).cacert, 'utf8');
  const trusted = `/etc/docker/certs.d/${host}`;
  const cloud = await createTestCloud(name, {
    registry: images,
    stateDirectory: gantry.state,
    imagePullSecrets: [secret],
    images: {
      listBuiltImages: async () => [tiny.reference],
      listPublishedImages: (references, asked) => findPublished(references, { registry: asked, account }),
      publishImage: async (image, asked, { signal }) => {
        await pushImages(docker, [image as Image], { registry: asked, version: name, account, signal });
      },
    },
  });
  const namespace = `/api/v1/namespaces/${name}`;
  const giveSecret = async (given: string) => {
    const auth = Buffer.from(`gantry:${given}`).toString('base64');
    const config = JSON.stringify({ auths: { [host]: { auth } } });
    await cloud.api.request('DELETE', `${namespace}/secrets/${secret}`).catch(() => undefined);
    await cloud.api.request('POST', `${namespace}/secrets`, {
      body: {
        metadata: { name: secret },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
      },
    });
  };
  const found = async () => {
    const settings = { namespace: name, registry: images, imagePullSecrets: [secret] };
    const [finding] = await checkPullSecrets(cloud.api, {
      settings,
      admits: (asked, one) => findPublished([tiny.reference], { registry: asked, account: one }),
    });
    return `${finding?.level}: ${finding?.message}`;
  };
  const desired = { ...desiredOf(name, tiny.reference, []), images: [tiny] };
  try {
    await mkdir(trusted, { recursive: true });
    await writeFile(`${trusted}/ca.crt`, authority);
    for (const node of cluster.nodes) await trustOnNode(cluster, node, { host, authority });
    await importTinyImage(docker, tiny.reference);
    await cloud.api.request('POST', '/api/v1/namespaces', { body: { metadata: { name } } });

    expect(await found()).toBe(`error: the namespace ${name} has no secret ${secret}`);
    await giveSecret('guess');
    expect(await found()).toBe(`error: ${host} does not take the account of the secret ${secret}`);
    const refused = new AbortController();
    const early = cloud.up(desired, { signal: refused.signal }).catch(() => undefined);
    const words = `cannot pull ${images}/${tiny.reference}: the registry refuses access`;
    await expect.poll(() => cloud.waits.join('\n'), { timeout: 120_000 }).toContain(words);
    refused.abort();
    await early;

    await giveSecret(password);
    expect(await found()).toBe(`ok: ${secret}, by which ${host} gives images`);
    await cloud.up(desired);
    expect(await cloud.pending(desired)).toEqual([]);
    const { items } = await cloud.api.request<{ items: Pod[] }>('GET', `${namespace}/pods`);
    expect(items.flatMap(({ spec }) => spec.containers.map(({ image }) => image))).toEqual([
      `${images}/${tiny.reference}`,
    ]);
  } finally {
    await cloud.remove();
    await rm(trusted, { recursive: true, force: true });
    for (const node of cluster.nodes) {
      await cluster.shells.run(node, 'rm', '-rf', `/etc/containerd/certs.d/${host}`);
    }
    await docker.getImage(tiny.reference).remove({ force: true });
  }
}

async function trustOnNode(
  { shells }: AnyCluster,
  node: string,
  { host, authority }: { host: string; authority: string },
): Promise<void> {
  const directory = `/etc/containerd/certs.d/${host}`;
  const hosts = `[host."https://${host}"]\n  ca = "${directory}/ca.crt"\n`;
  const script = 'mkdir -p "$0" && printf %s "$1" > "$0/ca.crt" && printf %s "$2" > "$0/hosts.toml"';
  await shells.run(node, '/bin/sh', '-c', script, directory, authority, hosts);
}
