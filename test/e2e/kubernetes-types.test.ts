import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterApi, createClusterApi } from '../../engines/kubernetes/api/client.ts';
import { loadKubeConfig } from '../../engines/kubernetes/api/kubeconfig.ts';
import type { WorkloadObject } from '../../engines/kubernetes/api/objects.ts';
import { objectPath, rankOf } from '../../engines/kubernetes/api/resources.ts';
import { compareObject } from '../../engines/kubernetes/observe/compare.ts';
import { readLive } from '../../engines/kubernetes/observe/live.ts';
import { type DesiredObject, objectKey } from '../../engines/kubernetes/plan/bundle.ts';
import type { ClusterFacts } from '../../engines/kubernetes/render/cluster.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Plan } from '../../src/plan/step.ts';
import { openContext } from '../cluster/context.ts';
import { startTypesServer, type TypesServer } from '../cluster/types-server.ts';
import { type CatalogueOnCluster, readCatalogue, refusals, renderCatalogue } from './catalogue-objects.ts';
import { createTestCloud, desiredOf, type TestCloud } from './kubernetes-cloud.ts';
import { report } from './parts/cloud.ts';
import { failure, file, forever, processOf } from './workloads.ts';

/**
 * Debian has newer Kubernetes as libraries only: their types and their apply, with nothing that makes pods. This is the
 * release of Debian whose they are.
 */
const debian = process.env.GANTRY_TEST_KUBERNETES_TYPES || 'trixie';

const context = { signal: new AbortController().signal, waiting() {}, progress() {}, log() {} };

let server: TypesServer;
let api: ClusterApi;
let stateDirectory: string;
const kubeconfig = process.env.KUBECONFIG;

beforeAll(async () => {
  const { docker, paths, ...progress } = await openContext({
    environment: process.env,
    uid: process.getuid?.() ?? 0,
    signal: context.signal,
    say: report,
  });
  server = await startTypesServer(docker, paths.cache, debian, progress);
  process.env.KUBECONFIG = server.kubeconfig;
  stateDirectory = await mkdtemp(join(tmpdir(), 'gantry-types-state-'));
  api = createClusterApi(await loadKubeConfig(process.env, undefined));
  for (const name of ['node-1', 'node-2', 'node-3']) {
    const labels = { 'gantry.org/control': '', 'gantry.org/compute': '', 'gantry.org/network': '' };
    await api.request('PATCH', `/api/v1/nodes/${name}`, {
      query: { fieldManager: 'test' },
      body: {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: `192.0.2.${name.slice(-1)}` }],
          capacity: { cpu: '4' },
        },
      },
      contentType: 'application/apply-patch+yaml',
    });
  }
});

afterAll(async () => {
  api?.close();
  await server?.close();
  if (stateDirectory) await rm(stateDirectory, { recursive: true });
  if (kubeconfig === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = kubeconfig;
});

describe('the types of a newer Kubernetes', () => {
  const namespace = 'catalogue';
  let catalogue: CatalogueOnCluster;

  beforeAll(async () => {
    catalogue = await readCatalogue(api, namespace);
    report(`types of Kubernetes 1.${catalogue.facts.minorVersion}`);
  });

  /** Everything of the catalogue, what others need before those. */
  function renderAll(changed: Partial<ClusterFacts> = {}): DesiredObject[] {
    const facts = { ...catalogue.facts, ...changed };
    return renderCatalogue({ ...catalogue, facts }).sort((a, b) => rankOf(a.ref.kind) - rankOf(b.ref.kind));
  }

  /** As `up` does, but to the object itself: nothing here knows of statuses. */
  async function giveAddresses(objects: readonly DesiredObject[]): Promise<void> {
    for (const { ref, addresses } of objects) {
      if (!addresses) continue;
      await api.request('PATCH', objectPath(ref), {
        query: { fieldManager: 'test' },
        body: { status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } } },
        contentType: 'application/merge-patch+json',
      });
    }
  }

  test('have every object of the catalogue, as it is written for this version, and none is deprecated', async () => {
    expect(catalogue.facts.minorVersion).toBeGreaterThanOrEqual(32);
    const objects = renderAll();
    expect(objects.length).toBeGreaterThan(100);
    expect(await refusals(api, objects, false)).toEqual([]);
    await giveAddresses(objects);
    const written = JSON.stringify(objects);
    expect(written).toContain('"apiVersion":"policy/v1"');
    expect(written).toContain('"appArmorProfile":{"type":"Unconfined"}');
  });

  test('have what is written for versions that are still to come', async () => {
    const objects = renderAll({ minorVersion: 99 });
    expect(JSON.stringify(objects)).toContain('"trafficDistribution":"PreferSameNode"');
    expect(await refusals(api, objects, true)).toEqual([]);
  });

  test('show no difference to what was applied', async () => {
    const live = await readLive(api, {
      cloud: 'test',
      namespace,
      groupVersions: catalogue.facts.groupVersions,
    });
    const differences: string[] = [];
    for (const object of renderAll()) {
      const difference = await compareObject(api, object, live);
      if (difference.state !== 'same') differences.push(`${objectKey(object.ref)}: ${difference.state}`);
    }
    expect(differences).toEqual([]);
  });

  test('know nothing of what is gone, or never was', async () => {
    const old = renderAll({ groupVersions: new Set(['v1', 'policy/v1beta1']) });
    const refused = await refusals(
      api,
      old.filter(({ ref }) => ref.kind === 'PodDisruptionBudget'),
      true,
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toContain('could not find the requested resource');
    const [deployment] = renderAll().filter(({ ref }) => ref.kind === 'Deployment');
    const manifest = structuredClone(deployment?.manifest) as { spec: Record<string, unknown> };
    manifest.spec.replica = 1;
    expect((await refusals(api, [{ ...(deployment as DesiredObject), manifest }], true))[0]).toContain(
      'replica',
    );
  });
});

describe('a cloud on a newer Kubernetes', () => {
  const name = 'planned';
  const app = processOf('app', forever, {
    replicas: 2,
    update: 'rolling',
    files: [
      file('/etc/gantry/app/app.conf', 'level = 1\n', { secret: true }),
      file('/etc/gantry/app/grants', 'one\n', { reloadable: true }),
    ],
    reload: { command: ['true'] },
  });
  const reference = 'gantry-test/tiny:1';
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await createTestCloud(name, {
      registry: 'registry.example.org',
      stateDirectory,
      images: { listPublishedImages: async (references) => [...references] },
    });
  });

  afterAll(() => cloud?.api.close());

  /** Runs the steps of a plan that are of these kinds, in their order: nothing here makes pods to wait for. */
  async function perform(plan: Plan, wanted: Desired, kind: 'bundle.apply' | 'bundle.remove'): Promise<void> {
    const execute = cloud.engine.executor(wanted);
    for (const step of plan.steps) {
      if (step.kind === kind) await execute(step, context);
    }
  }

  async function changes(wanted: Desired): Promise<string[]> {
    const { steps } = await cloud.plan(wanted);
    return steps.flatMap(({ id, kind, cause }) =>
      kind === 'bundle.apply' || kind === 'bundle.remove' ? [`${id}: ${cause}`] : [],
    );
  }

  test('has nothing left to apply once it was applied', async () => {
    const desired = desiredOf(name, reference, [app]);
    expect((await changes(desired)).length).toBeGreaterThan(0);
    await perform(await cloud.plan(desired), desired, 'bundle.apply');
    expect(await changes(desired)).toEqual([]);
    const [conf, grants] = app.files;
    const reloaded = desiredOf(name, reference, [
      { ...app, files: [conf, { ...grants, content: 'two\n' }] as typeof app.files },
    ]);
    await perform(await cloud.plan(reloaded), reloaded, 'bundle.apply');
    expect(await changes(reloaded)).toEqual([]);
    expect((await changes(desired)).join()).toContain('bundle.apply app');
    await perform(await cloud.plan(desired), desired, 'bundle.apply');
  });

  test('shows the field that somebody else claims, and takes it over only by force', async () => {
    const desired = desiredOf(name, reference, [app]);
    const path = `/apis/apps/v1/namespaces/${name}/deployments/app`;
    await api.request('PATCH', path, {
      query: { fieldManager: 'kubectl-edit' },
      body: { spec: { replicas: 3 } },
      contentType: 'application/merge-patch+json',
    });
    expect((await changes(desired))[0]).toContain('spec.replicas is claimed by kubectl-edit');
    const refused = await failure(perform(await cloud.plan(desired), desired, 'bundle.apply'));
    expect(refused).toMatchObject({ code: 'kubernetes.conflict', whose: 'user' });
    expect(refused.why).toContain('spec.replicas belongs to kubectl-edit');
    await perform(await cloud.plan(desired, { force: true }), desired, 'bundle.apply');
    expect((await api.request<WorkloadObject>('GET', path)).spec.replicas).toBe(2);
    expect(await changes(desired)).toEqual([]);
  });

  test('loses what it does not want any more', async () => {
    const desired = desiredOf(name, reference, []);
    expect((await changes(desired)).join()).toContain('bundle.remove app');
    await perform(await cloud.plan(desired), desired, 'bundle.remove');
    const { items } = await api.request<{ items: WorkloadObject[] }>(
      'GET',
      `/apis/apps/v1/namespaces/${name}/deployments`,
    );
    expect(items).toEqual([]);
    expect(await changes(desired)).toEqual([]);
  });
});
