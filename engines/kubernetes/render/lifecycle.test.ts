import { describe, expect, test } from 'vitest';
import { httpHealth, tcpHealth } from '../../../src/model/health.ts';
import type { NodeRole } from '../../../src/model/node-role.ts';
import type { Process } from '../../../src/model/workload.ts';
import { containerOf, manifestOf, objectsOf, podOf } from './testing/cluster.ts';

const ports: Process['ports'] = [{ name: 'api', port: 80 }];
const volumes: Process['volumes'] = [{ volume: 'data', path: '/data' }];

describe('what keeps pods running', () => {
  test.each([
    ['rolling', 1, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }],
    ['recreate', 1, { type: 'Recreate' }],
    ['recreate', 3, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }],
  ] as const)('%s, %i of them: a Deployment', (update, replicas, strategy) => {
    expect(manifestOf(objectsOf({ update, replicas }), 'Deployment').spec).toMatchObject({
      replicas,
      strategy,
    });
  });

  test.each<NodeRole[]>([['network'], ['compute', 'network']])('on each %s node: a DaemonSet', (...on) => {
    const { spec } = manifestOf(objectsOf({ on, spread: 'perNode' }), 'DaemonSet').spec.template;
    const { nodeAffinity } = spec.affinity;
    const labels = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.map(
      ({ matchExpressions: [{ key }] }: { matchExpressions: [{ key: string }] }) => key,
    );
    expect(labels).toEqual(on.map((role) => `gantry.org/${role}`));
    expect(spec).not.toHaveProperty('topologySpreadConstraints');
  });

  test.each([
    [{ volumes }, 'DoNotSchedule'],
    [{}, 'ScheduleAnyway'],
  ])('spreads instances over control nodes, those with data strictly: %j', (part, whenUnsatisfiable) => {
    expect(podOf(objectsOf(part)).spec.topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable,
        labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'example' } },
      },
    ]);
  });

  test('spreads what has one for each of several devices over control nodes', () => {
    const { metadata, spec } = podOf(objectsOf({ volumes, instanceOf: 'disks' }));
    const siblings = { 'gantry.org/instance-of': 'disks' };
    expect(metadata.labels).toMatchObject(siblings);
    expect(spec.topologySpreadConstraints).toMatchObject([
      { whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: siblings } },
    ]);
  });

  test('lets one of several be taken away, in words that the cluster knows', () => {
    const budget = (version: string) =>
      manifestOf(
        objectsOf({ replicas: 2 }, { facts: { groupVersions: new Set([version]) } }),
        'PodDisruptionBudget',
      );
    expect(budget('policy/v1')).toMatchObject({ apiVersion: 'policy/v1', spec: { maxUnavailable: 1 } });
    expect(budget('policy/v1beta1').apiVersion).toBe('policy/v1beta1');
    expect(objectsOf({ replicas: 1 }).map(({ ref }) => ref.kind)).toEqual(['Deployment']);
  });

  test('keeps host names over replacements, unless each instance is to have its own', () => {
    expect(podOf(objectsOf({})).spec.hostname).toBe('example');
    expect(podOf(objectsOf({ needs: { uniqueHostname: true } })).spec).not.toHaveProperty('hostname');
    expect(podOf(objectsOf({ volumes })).spec).not.toHaveProperty('hostname');
  });
});

describe('probes', () => {
  test('run the health check, and restart nothing that waits for others', () => {
    const container = containerOf(objectsOf({}));
    expect(container.startupProbe).toEqual({
      exec: { command: ['check'] },
      periodSeconds: 2,
      timeoutSeconds: 5,
      failureThreshold: 30,
    });
    expect(container.readinessProbe).toMatchObject({ exec: { command: ['check'] }, failureThreshold: 3 });
    expect(container).not.toHaveProperty('livenessProbe');
  });

  test('ask a port where that says as much, and restart a process that is stuck', () => {
    const { readinessProbe, livenessProbe } = containerOf(objectsOf({ health: httpHealth(80, '/v3') }));
    expect(readinessProbe).toMatchObject({ httpGet: { path: '/v3', port: 80, scheme: 'HTTP' } });
    expect(livenessProbe.periodSeconds * livenessProbe.failureThreshold).toBeGreaterThanOrEqual(120);
    expect(containerOf(objectsOf({ health: tcpHealth(80) })).readinessProbe.tcpSocket).toEqual({ port: 80 });
  });

  test("ask on loopback on the node's network", () => {
    const { readinessProbe } = containerOf(
      objectsOf({ health: tcpHealth(80), spread: 'perNode', needs: { hostNetwork: true } }),
    );
    expect(readinessProbe.tcpSocket).toEqual({ port: 80, host: '127.0.0.1' });
  });

  test('let what holds data recover for as long as it takes', () => {
    const { startupProbe, livenessProbe } = containerOf(objectsOf({ health: tcpHealth(80), volumes }));
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(86_400);
    expect(livenessProbe).toBeUndefined();
  });
});

describe('the end of a pod', () => {
  const stop = { signal: 'SIGTERM', graceSeconds: 30 } as const;

  test('waits, where requests come, until its name leads elsewhere', () => {
    const objects = objectsOf({ ports, stop, update: 'rolling' }, { facts: { nameTtlSeconds: 30 } });
    expect(containerOf(objects).lifecycle.preStop.exec.command).toEqual(['sleep', '32']);
    expect(podOf(objects).spec.terminationGracePeriodSeconds).toBe(62);
  });

  test('comes at once elsewhere', () => {
    const objects = objectsOf({ ports, stop });
    expect(containerOf(objects)).not.toHaveProperty('lifecycle');
    expect(podOf(objects).spec.terminationGracePeriodSeconds).toBe(30);
  });
});

test('resources are small requests, or what cloud.yaml says', () => {
  expect(containerOf(objectsOf({})).resources).toEqual({ requests: { cpu: '10m', memory: '64Mi' } });
  expect(containerOf(objectsOf({ resources: { memoryMiB: 512, cpus: 1.5 } })).resources).toEqual({
    requests: { cpu: '10m', memory: '512Mi' },
    limits: { cpu: '1500m', memory: '512Mi' },
  });
});

test('what is guaranteed is requested, and the class of the pod is by all of its containers', () => {
  const resources = { memoryMiB: 512, cpus: 2, guaranteed: true };
  const volumes = [{ volume: 'example', path: '/var/lib/example', scope: 'node' as const }];
  const { spec } = podOf(objectsOf({ resources, volumes }));
  const limits = { cpu: '2000m', memory: '512Mi' };
  expect(spec.containers[0].resources).toEqual({ requests: limits, limits });
  expect(spec.initContainers).toHaveLength(1);
  for (const { resources: given } of spec.initContainers) expect(given.requests).toEqual(given.limits);
});
