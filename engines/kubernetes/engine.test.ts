import { describe, expect, test } from 'vitest';
import { GantryError } from '../../src/errors.ts';
import type { NodeRole } from '../../src/model/node-role.ts';
import { ApiFailure, clusterFailure, describeConnectionError } from './api/failure.ts';
import type { Node, Pod, PodSpec } from './api/objects.ts';
import { mapBounded } from './api/pool.ts';
import { conflictsOf, immutableFields } from './observe/conflicts.ts';
import { differingFields } from './observe/difference.ts';
import { imagesOnNodes, nodesOfRole, observeNodes, parseNameTtl } from './observe/facts.ts';
import { mountedKeys, mountedSecrets } from './observe/files.ts';
import type { Live } from './observe/live.ts';
import { findJobs, findStrays } from './observe/strays.ts';
import { asUser } from './pods/command.ts';
import { numberPods } from './pods/find.ts';
import { checkProxyMode, checkRoles } from './preflight/checks.ts';

describe('fields that differ', () => {
  test('are named by paths, entries of lists by their names', () => {
    const live = {
      metadata: { name: 'app', uid: 'x', resourceVersion: '1', managedFields: [], labels: { a: '1' } },
      spec: {
        replicas: 1,
        template: { spec: { containers: [{ name: 'main', image: 'a:1' }] } },
        ports: [{ port: 1 }, { port: 2 }],
      },
      status: { replicas: 1 },
    };
    const wanted = {
      metadata: {
        name: 'app',
        resourceVersion: '2',
        generation: 3,
        labels: { a: '2', 'gantry.org/cloud': 'c' },
      },
      spec: {
        replicas: 2,
        template: {
          spec: {
            containers: [
              { name: 'main', image: 'a:2' },
              { name: 'more', image: 'b' },
            ],
          },
        },
        ports: [{ port: 1 }, { port: 3 }],
      },
    };
    expect(differingFields(live, wanted).sort()).toEqual([
      'metadata.labels.a',
      'metadata.labels[gantry.org/cloud]',
      'spec.ports[1].port',
      'spec.replicas',
      'spec.template.spec.containers[main].image',
      'spec.template.spec.containers[more]',
    ]);
  });

  test('are none where only the server itself filled something in', () => {
    const object = { metadata: { name: 'app' }, spec: { a: [1, { b: 2 }] } };
    const filled = { ...object, metadata: { name: 'app', creationTimestamp: 'x', labels: {} }, status: {} };
    expect(differingFields(object, filled)).toEqual([]);
  });

  test('are not the counts that controllers keep in annotations', () => {
    const counted = (count: string) => ({
      metadata: { annotations: { 'deprecated.daemonset.template.generation': count, own: count } },
    });
    expect(differingFields(counted('1'), counted('2'))).toEqual(['metadata.annotations.own']);
  });

  test('never show a value', () => {
    const secret = (value: string) => ({ metadata: { name: 's' }, data: { 'nova.conf': value } });
    expect(differingFields(secret('hunter2'), secret('hunter3'))).toEqual(['data[nova.conf]']);
  });
});

describe('what the API server refuses', () => {
  const invalid = (causes: { field?: string; message: string }[], message = '') =>
    new ApiFailure(422, { message, details: { causes } }, 'PATCH');

  test('is a conflict with its owner and field', () => {
    const status = {
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl-edit" using apps/v1',
            field: '.spec.replicas',
          },
          { reason: 'Other', message: 'no conflict' },
        ],
      },
    };
    expect(conflictsOf(status)).toEqual([{ field: 'spec.replicas', owner: 'kubectl-edit' }]);
  });

  test.each<[string, ApiFailure, string[] | undefined]>([
    [
      'a selector',
      invalid([{ field: 'spec.selector', message: 'Invalid value: {}: field is immutable' }]),
      ['spec.selector'],
    ],
    [
      'a stateful set',
      invalid([
        {
          field: 'spec',
          message:
            "Forbidden: updates to statefulset spec for fields other than 'replicas' and 'template' are forbidden",
        },
      ]),
      ['spec'],
    ],
    [
      'a secret',
      invalid([{ field: 'data', message: 'Forbidden: field is immutable when `immutable` is set' }]),
      ['data'],
    ],
    [
      'a claim',
      invalid([
        { field: 'spec', message: 'Forbidden: spec is immutable after creation except resources.requests' },
      ]),
      ['spec'],
    ],
    [
      'what is plainly wrong',
      invalid([{ field: 'spec.replicas', message: 'must be at least 0' }]),
      undefined,
    ],
    ['a missing right', new ApiFailure(403, { message: 'field is immutable' }, 'PATCH'), undefined],
  ])('is immutable or not: %s', (_what, failure, fields) => {
    expect(immutableFields(failure)).toEqual(fields);
  });

  test('is told as an error for users, whose fault it is included', () => {
    const error = (status: number, message: string) =>
      clusterFailure('It failed', new ApiFailure(status, { message }, 'GET /x')) as GantryError;
    expect(error(401, 'Unauthorized')).toMatchObject({
      code: 'kubernetes.unauthorized',
      whose: 'environment',
    });
    expect(error(403, 'pods is forbidden').next).toContain('gantry doctor');
    expect(error(403, 'violates PodSecurity "baseline"').code).toBe('kubernetes.pod-security');
    const denied = 'services "front-door" is forbidden: Use of external IPs is denied by admission control';
    expect(error(403, denied).next).toContain('kubernetes.frontDoor');
    expect(error(422, 'spec.x: unknown').whose).toBe('bug');
    const known = new GantryError({ code: 'x', whose: 'user', message: 'known' });
    expect(clusterFailure('It failed', known)).toBe(known);
  });

  test.each([
    ['ECONNREFUSED', 'nothing listens there'],
    ['CERT_HAS_EXPIRED', 'its certificate has expired'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is not signed by the authority in the kubeconfig'],
    ['ENOTFOUND', 'its name has no address here'],
  ])('a connection that fails with %s is told in words', (code, why) => {
    expect(describeConnectionError(code, 'raw').why).toContain(why);
  });
});

function nodeOf(
  name: string,
  labels: Record<string, string>,
  more: Partial<Node['spec']> = {},
  ready = true,
): Node {
  return {
    metadata: { name, labels },
    spec: more,
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      addresses: [{ type: 'InternalIP', address: `10.0.0.${name.at(-1)}` }],
      images: [{ names: [`docker.io/gantry/app:${name.at(-1)}`, 'docker.io/gantry/both:1'] }],
    },
  };
}

describe('nodes', () => {
  const control = { 'gantry.org/control': '' };
  const tainted = { taints: [{ key: 'k', effect: 'NoSchedule' }] };

  test('all take the usual roles where none has one, except those that take no pods', () => {
    const nodes = [
      nodeOf('n2', {}),
      nodeOf('n1', {}),
      nodeOf('n3', {}, tainted),
      nodeOf('n4', {}, {}, false),
    ];
    expect(nodesOfRole(nodes, 'control').map(({ metadata }) => metadata.name)).toEqual(['n1', 'n2']);
    expect(nodesOfRole(nodes, 'storage')).toEqual([]);
    expect(observeNodes(nodes)).toEqual([
      { name: 'n1', roles: ['control', 'compute', 'network'], ready: true, unlabelled: true },
      { name: 'n2', roles: ['control', 'compute', 'network'], ready: true, unlabelled: true },
    ]);
  });

  test('have the roles of their labels as soon as one has any', () => {
    const nodes = [
      nodeOf('n1', control, tainted),
      nodeOf('n2', {}),
      nodeOf('n3', { 'gantry.org/compute': '' }),
    ];
    expect(observeNodes(nodes).map(({ name, roles }) => [name, roles])).toEqual([
      ['n1', ['control']],
      ['n3', ['compute']],
    ]);
    expect(nodesOfRole(nodes, 'network')).toEqual([]);
  });

  test('are missed by role where a process can run on nothing else', () => {
    const nodes = [
      nodeOf('n1', control),
      nodeOf('n2', { 'gantry.org/compute': '' }),
      nodeOf('n3', { 'gantry.org/network': '' }, {}, false),
    ];
    const levels = (needed: NodeRole[]) =>
      checkRoles(nodes, new Set(needed)).map(({ check, level }) => [check, level]);
    const there = [
      ['role: control', 'ok'],
      ['role: compute', 'ok'],
      // Given to a node, it is meant to place something.
      ['role: network', 'warning'],
    ];
    expect(levels(['control', 'compute'])).toEqual(there);
    expect(levels(['control', 'storage'])).toEqual([...there, ['role: storage', 'warning']]);
  });

  test('have an image when each of them has it', () => {
    const nodes = [nodeOf('n1', {}), nodeOf('n2', {})];
    expect(imagesOnNodes(nodes, ['gantry/both:1', 'gantry/app:1'])).toEqual(['gantry/both:1']);
  });
});

test.each([
  [
    '.:53 {\n  kubernetes cluster.local in-addr.arpa {\n    pods insecure\n    ttl 30\n  }\n  cache 60\n}',
    30,
  ],
  ['.:53 {\n  kubernetes cluster.local {\n    pods insecure\n  }\n  cache 30\n}', 5],
  ['', 5],
])('the time to live of names follows from a Corefile', (corefile, seconds) => {
  expect(parseNameTtl(corefile)).toBe(seconds);
});

describe('strays', () => {
  const entry = (
    kind: string,
    name: string,
    labels: Record<string, string>,
    owner?: string,
  ): Live['objects'] => {
    const ref = { apiVersion: 'v1', kind, namespace: 'c', name };
    const ownerReferences = owner ? [{ kind: owner, name: 'x', uid: 'x', controller: true }] : [];
    return new Map([[`${kind}/${name}`, { ref, object: { metadata: { name, labels, ownerReferences } } }]]);
  };
  const app = { 'gantry.org/bundle': 'app', 'gantry.org/service': 'nova', 'gantry.org/kind': 'process' };
  const job = { ...app, 'gantry.org/kind': 'job', 'app.kubernetes.io/name': 'schema' };
  const live: Live = {
    objects: new Map([
      ...entry('Secret', 'app-config-1', app),
      ...entry('Secret', 'app-config-2', app),
      ...entry('PersistentVolumeClaim', 'data-app-0', app),
      ...entry('Job', 'schema-1', job),
      ...entry('Secret', 'schema-config', job),
      ...entry('Job', 'owned', job, 'CronJob'),
    ]),
  };

  test('are what is not desired; claims hold data, jobs are apart', () => {
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'c', name: 'app-config-2' };
    expect(findStrays(live, [{ ref, manifest: {} }])).toEqual([
      { ref: { ...ref, name: 'app-config-1' }, bundle: 'app', group: 'nova', holdsData: false },
      {
        ref: { ...ref, kind: 'PersistentVolumeClaim', name: 'data-app-0' },
        bundle: 'app',
        group: 'nova',
        holdsData: true,
      },
    ]);
    expect(Object.entries(findJobs(live)).map(([name, refs]) => [name, refs.map((one) => one.name)])).toEqual(
      [['schema', ['schema-1', 'schema-config']]],
    );
  });
});

describe('pods', () => {
  const pod = (name: string, more: Partial<Pod['metadata']> = {}, ready = true): Pod => ({
    metadata: { name, labels: { 'app.kubernetes.io/name': 'app' }, ...more },
    spec: {
      containers: [{ name: 'main', image: 'x', securityContext: { runAsUser: 913, runAsGroup: 913 } }],
    },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });

  test('are numbered by their set, or ready ones first', () => {
    const set = { ownerReferences: [{ kind: 'StatefulSet', name: 'app', uid: 'x', controller: true }] };
    expect(numberPods([pod('app-2', set), pod('app-0', set)]).map(({ ordinal }) => ordinal)).toEqual([0, 2]);
    const old = { creationTimestamp: '2026-01-01T00:00:00Z' };
    const fresh = { creationTimestamp: '2026-01-02T00:00:00Z' };
    const numbered = numberPods([pod('a', old, false), pod('b', fresh)]);
    expect(numbered.map(({ pod: one, ordinal }) => [one.metadata.name, ordinal])).toEqual([
      ['b', 0],
      ['a', 1],
    ]);
  });

  test('run commands as their own user, as another only where they are root', () => {
    expect(asUser(pod('a'), undefined)).toEqual([]);
    expect(asUser(pod('a'), '913:913')).toEqual([]);
    expect(() => asUser(pod('a'), '0')).toThrow('cannot run as 0');
    const root = pod('a');
    root.spec.containers = [{ name: 'main', image: 'x', securityContext: { runAsUser: 0, runAsGroup: 0 } }];
    expect(asUser(root, '913:914')).toEqual([
      'setpriv',
      '--reuid=913',
      '--regid=914',
      '--clear-groups',
      '--',
    ]);
  });

  test('tell which key of which Secret is which file', () => {
    const spec: PodSpec = {
      containers: [
        { name: 'main', image: 'x', volumeMounts: [{ name: 'config', mountPath: '/etc/gantry' }] },
      ],
      volumes: [
        {
          name: 'config',
          projected: {
            sources: [
              {
                secret: { name: 'app-config-1', items: [{ key: 'nova.nova.conf', path: 'nova/nova.conf' }] },
              },
              { secret: { name: 'app-reloadable' } },
            ],
          },
        },
      ],
    };
    expect(mountedSecrets(spec)).toEqual(['app-config-1', 'app-reloadable']);
    expect(mountedKeys(spec, () => ['grants'])).toEqual([
      { secret: 'app-config-1', key: 'nova.nova.conf', path: '/etc/gantry/nova/nova.conf' },
      { secret: 'app-reloadable', key: 'grants', path: '/etc/gantry/grants' },
    ]);
  });
});

test('no more calls are under way than allowed, and results keep their order', async () => {
  let open = 0;
  let most = 0;
  const results = await mapBounded([5, 4, 3, 2, 1], 2, async (value) => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    return value * 2;
  });
  expect(results).toEqual([10, 8, 6, 4, 2]);
  expect(most).toBe(2);
});

describe('the mode of kube-proxy', () => {
  const config = (mode: string) =>
    `ipvs:\n  scheduler: ""\nkind: KubeProxyConfiguration\nmode: ${mode}\nport: 1\n`;

  test.each(['ipvs', '"ipvs"'])('%s is refused where the front door has addresses of nodes', (mode) => {
    expect(checkProxyMode(config(mode), 'nodes')).toMatchObject([{ level: 'error' }]);
    expect(checkProxyMode(config(mode), 'loadBalancer')).toEqual([]);
  });

  test.each(['""', '', 'iptables', 'nftables'])('%s is fine', (mode) =>
    expect(checkProxyMode(config(mode), 'nodes')).toEqual([]),
  );

  test('may be unknown', () => expect(checkProxyMode(undefined, 'nodes')).toEqual([]));
});
