import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { createDockerClient } from '../../engines/docker/client.ts';
import { changeRoles } from '../../engines/kubernetes/nodes/nodes.ts';
import { nodeRoles } from '../../src/model/node-role.ts';
import { keepState, lookWhenTestsFail } from './artifacts.ts';
import { ApiClient } from './client.ts';
import { Gantry } from './gantry.ts';
import { STORE, waitUntilWhole } from './objects.ts';
import { expectDone, report } from './parts/cloud.ts';
import { tryPulling } from './parts/pulling.ts';
import { Pods, processOf } from './pods.ts';
import { RegistryClient, sha256 } from './registry-client.ts';
import { type AnyCluster, openAnyCluster, settingsOn } from './test-cluster.ts';

/** What of Swift and what is kept in it an engine can break, on a real Kubernetes: volumes on different nodes, their loss. */
const cloud = 'kube-swift';
const devices = ['swift-storage-1', 'swift-storage-2', 'swift-storage-3'];
const content = randomBytes(3 * 1024 * 1024);

let directory: string;
let cluster: AnyCluster;
let gantry: Gantry;
let pods: Pods;

beforeAll(async () => {
  cluster = await openAnyCluster(report);
  const [first, ...others] = cluster.nodes.slice(0, 3) as [string, ...string[]];
  if (others.length < 2) throw new Error('this suite needs three nodes');
  directory = await mkdtemp(join(tmpdir(), 'gantry-kube-swift-'));
  gantry = new Gantry(cloud, directory, {
    limitMs: 900_000,
    environment: { KUBECONFIG: cluster.kubeconfig },
  });
  pods = new Pods(cluster, cloud);
  await gantry.configure(stringify(settings()));
  await gantry.output('label-nodes', first, '--role', 'control,compute,network');
  await gantry.output('label-nodes', ...others, '--role', 'storage');
  const { seconds } = await expectDone({ gantry }, 'up');
  report(`up with Swift took ${seconds.toFixed(0)} s`);
});

const settings = () => ({
  ...settingsOn(cluster),
  services: { swift: true, registry: true },
  storage: { swift: { size: '1Gi' } },
  replicas: { 'registry-server': 2 },
});

afterAll(async () => {
  if (gantry) await keepState(gantry);
  if (pods && (await pods.exists())) await gantry.output('down', '--volumes', '--yes');
  if (directory) await rm(directory, { recursive: true });
  for (const node of cluster?.nodes ?? []) await changeRoles(cluster.api, node, { remove: nodeRoles });
  await cluster?.close();
});

lookWhenTestsFail(() => gantry);

async function read(name: string): Promise<Buffer> {
  const { status, content: found } = await (await ApiClient.open(gantry)).ask('GET', STORE, name);
  expect(status, name).toBe(200);
  return found;
}

test('each volume of Swift is on a node of its own, and a second up has nothing to do', async () => {
  const found = (await pods.list()).filter((pod) => devices.includes(processOf(pod)));
  expect(new Set(found.map(({ spec }) => spec?.nodeName)).size).toBe(devices.length);
  expect((await gantry.run('plan', '--detailed-exitcode')).code).toBe(0);
});

test('objects and images of containers are kept when all pods are made again', async () => {
  const registry = await RegistryClient.open(gantry);
  const digest = await registry.makeImage('kept', '1', content);
  const api = await ApiClient.open(gantry);
  expect((await api.ask('PUT', STORE, '/photos')).status).toBe(201);
  expect((await api.ask('PUT', STORE, '/photos/first', { body: content })).status).toBe(201);
  await pods.deleteAll();
  await pods.waitUntilReady(400_000);
  expect((await read('/photos/first')).equals(content)).toBe(true);
  expect(sha256((await registry.ask('GET', '/v2/kept/manifests/1')).content)).toBe(digest);
  expect((await registry.ask('GET', `/v2/kept/blobs/${sha256(content)}`)).content.equals(content)).toBe(true);
  await registry.close();
});

test('images of containers give their place back once deleted, and the others stay', async () => {
  const registry = await RegistryClient.open(gantry);
  const layer = randomBytes(1024 * 1024);
  const digest = await registry.makeImage('gone', '1', layer);
  expect((await registry.ask('DELETE', `/v2/gone/manifests/${digest}`)).status).toBe(202);
  await expectDone({ gantry }, 'collect', 'image-layers', '--yes');
  expect((await registry.ask('GET', `/v2/gone/blobs/${sha256(layer)}`)).status).toBe(404);
  expect((await registry.ask('GET', `/v2/kept/blobs/${sha256(content)}`)).content.equals(content)).toBe(true);
  await registry.makeImage('gone', '2', layer);
  await registry.close();
});

test("nodes take another cloud's images from it by a password, and its own are refused there", async () => {
  const { docker } = await createDockerClient(process.env);
  const registry = await RegistryClient.open(gantry);
  await tryPulling({ gantry, cluster, docker }, registry);
  await registry.close();

  await gantry.configure(stringify({ ...settings(), images: { registry: `${registry.host}/own` } }));
  const { code, stderr } = await gantry.run('plan');
  await gantry.configure(stringify(settings()));
  expect(code).toBe(1);
  expect(stderr).toContain("the cloud's own registry");
  expect((await gantry.run('plan', '--detailed-exitcode')).code).toBe(0);
});

test('a volume that is lost with its claim is filled again', async () => {
  await waitUntilWhole(gantry, devices, 400_000);
  await pods.lose('swift-storage-2');
  await expectDone({ gantry }, 'up');
  await waitUntilWhole(gantry, devices, 400_000);
  expect((await read('/photos/first')).equals(content)).toBe(true);
});
