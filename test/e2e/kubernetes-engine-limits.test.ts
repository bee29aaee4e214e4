import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unlessMissing } from '../../engines/kubernetes/api/failure.ts';
import { loadKubeConfig } from '../../engines/kubernetes/api/kubeconfig.ts';
import type { KubeObject, Node, Pod } from '../../engines/kubernetes/api/objects.ts';
import { changeRoles } from '../../engines/kubernetes/nodes/nodes.ts';
import { rolesOf } from '../../engines/kubernetes/observe/facts.ts';
import { readNodes } from '../../engines/kubernetes/observe/nodes.ts';
import { preflight } from '../../engines/kubernetes/preflight/preflight.ts';
import { ExitCode } from '../../src/errors.ts';
import { findPublished } from '../../src/images/published.ts';
import type { Desired } from '../../src/model/desired.ts';
import { nodeRoles } from '../../src/model/node-role.ts';
import { Gantry } from './gantry.ts';
import { createTestCloud, desiredOf, type TestCloud } from './kubernetes-cloud.ts';
import { lacking } from './test-cluster.ts';
import { openTinyCloud, type TinyCloud } from './tiny-cloud.ts';
import { failure } from './workloads.ts';

const name = `gantry-limits-${process.pid}`;

let opened: TinyCloud;
let cloud: TestCloud;
let desired: Desired;

beforeAll(async () => {
  opened = await openTinyCloud(name);
  cloud = opened.cloud;
  desired = desiredOf(name, opened.reference, []);
  await cloud.up(desired);
});

afterAll(() => opened?.close());

/** A kubeconfig of the account of the cloud's own pods, which may do nothing. */
async function writeUnprivileged(): Promise<string> {
  const config = await loadKubeConfig(process.env, undefined);
  const { status } = await cloud.api.request<{ status: { token: string } }>(
    'POST',
    `/api/v1/namespaces/${name}/serviceaccounts/gantry/token`,
    { body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} } },
  );
  const file = join(opened.stateDirectory, 'unprivileged');
  const cluster = config.getCurrentCluster();
  await writeFile(
    file,
    JSON.stringify({
      'current-context': 'none',
      contexts: [{ name: 'none', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        {
          name: 'c',
          cluster: { server: cluster?.server, 'certificate-authority-data': cluster?.caData },
        },
      ],
      users: [{ name: 'u', user: { token: status.token } }],
    }),
  );
  return file;
}

describe('What a cluster does not let one do', () => {
  test('a pre-flight names every missing right, a wrong context and a registry that is down', async () => {
    const check = (kubeconfigFile: string, context?: string, more = opened.source.registry) =>
      preflight({
        environment: { KUBECONFIG: kubeconfigFile },
        context,
        settings: {
          cloud: name,
          namespace: name,
          registry: more,
          storageClass: undefined,
          sharedStorageClass: 'no-such-class',
          volumeSizes: {},
          imagePullSecrets: ['no-such-secret'],
          frontDoor: 'nodes',
        },
        desired,
        wire: {
          process: undefined,
          name: undefined,
          takesAddress: false,
          mtu: undefined,
          pool: { start: '192.0.2.20', end: '192.0.2.40' },
        },
        cpuSets: [],
        ranges: [{ name: 'tenant', subnet: '192.0.2.0/24' }],
        accelerators: async () => [],
        askRegistry: (asked) => findPublished([], { registry: asked, account: undefined }),
        admits: (asked, account) => findPublished([], { registry: asked, account }),
        onWarning: ({ text }) => cloud.warnings.push(text),
      });
    const own = process.env.KUBECONFIG as string;
    const findings = await check(own, undefined, '127.0.0.1:1');
    const errors = findings.filter(({ level }) => level === 'error');
    expect(errors.map((finding) => finding.check)).toEqual([
      'storage: sharedStorageClass',
      'registry',
      'imagePullSecrets',
    ]);
    expect(findings.find((finding) => finding.check === 'rights')?.level).toBe('ok');

    const [wrong] = await check(own, 'no-such-context');
    expect(wrong).toMatchObject({ check: 'cluster', level: 'error' });
    expect(wrong?.message).toContain('there is no context no-such-context');

    const without = await check(await writeUnprivileged());
    expect(without.find((finding) => finding.check === 'rights')).toMatchObject({ level: 'error' });
    expect(without.at(-1)?.message).toContain('get, list, create, patch, delete secrets;');
    expect(without.at(-1)?.message).toContain('list, patch nodes (in the whole cluster)');
  });

  test.each([
    ['nothing', undefined],
    ['look at nodes alone', [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }]],
  ])(
    'credentials that may do %s get a list of all that is missing, and nothing is made',
    async (_what, rules) => {
      const role = '/apis/rbac.authorization.k8s.io/v1';
      const metadata = { name: `${name}-look` };
      const user = new Gantry(`no-${process.pid}`, await mkdtemp(join(opened.stateDirectory, 'no-')), {
        limitMs: 60_000,
        environment: { KUBECONFIG: await writeUnprivileged() },
      });
      await user.configure(`engine: kubernetes\nimages: {registry: '${opened.source.registry}'}\n`);
      try {
        if (rules) {
          await cloud.api.request('POST', `${role}/clusterroles`, { body: { metadata, rules } });
          const subjects = [{ kind: 'ServiceAccount', name: 'gantry', namespace: name }];
          const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
          await cloud.api.request('POST', `${role}/clusterrolebindings`, {
            body: { metadata, subjects, roleRef },
          });
        }
        const { code, stderr } = await user.run('up');
        expect(code).toBe(ExitCode.failed);
        expect(stderr).toContain(
          'these credentials may not: get, list, create, patch, delete namespaces (in the whole cluster)',
        );
        for (const missing of ['secrets', 'statefulsets']) {
          expect(stderr).toContain(`get, list, create, patch, delete ${missing}`);
        }
        expect(stderr).toContain('get, create pods/exec');
        expect(stderr).toContain(
          rules ? '; patch nodes (in the whole cluster)' : '; list, patch nodes (in the whole cluster)',
        );
        const namespace = cloud.api.request('GET', `/api/v1/namespaces/${user.name}`);
        expect(await unlessMissing(namespace)).toBeUndefined();
      } finally {
        for (const kind of rules ? ['clusterrolebindings', 'clusterroles'] : []) {
          await cloud.api.request('DELETE', `${role}/${kind}/${metadata.name}`);
        }
      }
    },
  );

  test('a volume grows under the pods that use it, and never becomes smaller', async () => {
    const grown = `${name}-grow`;
    const classes = '/apis/storage.k8s.io/v1/storageclasses';
    const { items } = await cloud.api.request<{ items: KubeObject[] }>('GET', classes);
    const isDefault = ({ metadata }: KubeObject) =>
      metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
    const standard = items.find(isDefault) as KubeObject;
    const body = { ...standard, metadata: { name: grown }, allowVolumeExpansion: true };
    await cloud.api.request('POST', classes, { body });
    const sized = (size?: string) =>
      createTestCloud(grown, {
        ...opened.source,
        stateDirectory: opened.stateDirectory,
        storageClass: grown,
        volumeSizes: size === undefined ? {} : { ledger: size },
      });
    const desired = desiredOf(grown, opened.reference, []);
    const small = await sized();
    const path = `/api/v1/namespaces/${grown}`;
    const podId = async () => (await small.api.request<Pod>('GET', `${path}/pods/keeper-0`)).metadata.uid;
    try {
      await small.up(desired);
      const before = await podId();
      const large = await sized('3Gi');
      const plan = await large.plan(desired);
      expect(plan.steps.map(({ id }) => id)).toEqual([
        'claim.grow ledger-keeper-0',
        'bundle.apply keeper',
        'bundle.wait keeper',
      ]);
      await large.up(desired);
      const claim = `${path}/persistentvolumeclaims/ledger-keeper-0`;
      expect(await small.api.request('GET', claim)).toMatchObject({
        spec: { resources: { requests: { storage: '3Gi' } } },
      });
      expect(await podId()).toBe(before);
      expect(await large.pending(desired)).toEqual([]);

      const smaller = await failure((await sized('2Gi')).plan(desired));
      expect(smaller.message).toBe('the volume ledger is 3Gi and cannot become 2Gi');
      await cloud.api.request('PATCH', `${classes}/${grown}`, {
        body: { allowVolumeExpansion: false },
        contentType: 'application/merge-patch+json',
      });
      const rigid = await failure((await sized('4Gi')).plan(desired));
      expect(rigid.why).toContain(`Its storage class ${grown} does not let volumes grow`);
    } finally {
      await small.remove();
      await cloud.api.request('DELETE', `${classes}/${grown}`);
    }
  });

  test('nodes get their roles while no node is there for the control processes', async ({ skip }) => {
    const { registry } = opened.cluster;
    if (registry === undefined) return skip(lacking.registry);
    const user = new Gantry(`new-${process.pid}`, await mkdtemp(join(opened.stateDirectory, 'new-')), {
      limitMs: 60_000,
    });
    await user.configure(`engine: kubernetes\nimages: {registry: '${registry}'}\n`);
    const nodes = await readNodes(cloud.api);
    const patch = (node: Node, spec: Partial<Node['spec']>) =>
      cloud.api.request('PATCH', `/api/v1/nodes/${node.metadata.name}`, {
        body: { spec },
        contentType: 'application/merge-patch+json',
      });
    const first = nodes[0]?.metadata.name as string;
    try {
      for (const node of nodes) {
        await changeRoles(cloud.api, node.metadata.name, { remove: nodeRoles });
        await patch(node, { unschedulable: true });
      }
      const { code, stderr } = await user.run('plan');
      expect(code).toBe(ExitCode.failed);
      expect(stderr).toContain('no node is there for the control processes');
      await user.output('label-nodes', first, '--role', 'control,network');
      const listed = JSON.parse(await user.output('node', 'list', '-o', 'json'));
      const labelled = { name: first, roles: ['control', 'network'] };
      expect(listed).toContainEqual(expect.objectContaining(labelled));
      expect((await user.run('plan')).code).toBe(ExitCode.done);
    } finally {
      for (const node of nodes) {
        await patch(node, { unschedulable: node.spec.unschedulable ?? false });
        await changeRoles(cloud.api, node.metadata.name, { remove: nodeRoles });
        await changeRoles(cloud.api, node.metadata.name, { add: rolesOf(node) });
      }
    }
  });
});
