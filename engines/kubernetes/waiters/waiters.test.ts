import { describe, expect, test } from 'vitest';
import type { ContainerStatus, EventObject, Node, Pod, WorkloadObject } from '../api/objects.ts';
import { describePod, isPodReady } from './pod.ts';
import { describeScheduling, lastingTaints } from './scheduling.ts';
import { summarize } from './summary.ts';
import { rolloutProgress } from './workload.ts';

const now = Date.parse('2026-01-01T00:01:00Z');

function podOf(name: string, status: Pod['status'], more: Partial<Pod['metadata']> = {}): Pod {
  return {
    metadata: { name, uid: name, ...more },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'registry/gantry/app:1' }] },
    status: { phase: 'Running', ...status },
  };
}

function container(state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: 'main', ready: false, restartCount: 0, image: 'registry/gantry/app:1', state, ...more };
}

function event(reason: string, message: string, at = '2026-01-01T00:00:10Z', uid = 'app-0'): EventObject {
  return { metadata: { name: reason }, reason, message, lastTimestamp: at, involvedObject: { uid } };
}

const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const ready = podOf('app-9', { conditions: [{ type: 'Ready', status: 'True' }] });

describe('why a pod is not ready', () => {
  test.each<[string, Pod['status'], EventObject[], string, boolean]>([
    [
      'an image that no registry has',
      {
        phase: 'Pending',
        containerStatuses: [
          container({
            waiting: {
              reason: 'ErrImagePull',
              message:
                'rpc error: code = NotFound desc = failed to pull and unpack image "registry/gantry/app:1": failed to resolve reference "registry/gantry/app:1": registry/gantry/app:1: not found',
            },
          }),
        ],
      },
      [],
      'registry/gantry/app:1 is not in the registry',
      true,
    ],
    [
      'a back-off whose cause only an event tells',
      {
        phase: 'Pending',
        containerStatuses: [
          container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } }),
        ],
      },
      [event('Failed', 'Failed to pull image "x": dial tcp 10.0.0.1:5000: connect: connection refused')],
      'cannot pull registry/gantry/app:1: nothing listens at the registry',
      false,
    ],
    [
      'a first exit',
      {
        containerStatuses: [
          container(
            { waiting: { reason: 'CrashLoopBackOff' } },
            { restartCount: 1, lastState: { terminated: { exitCode: 3 } } },
          ),
        ],
      },
      [],
      'exited with code 3, restarted once',
      false,
    ],
    [
      'the fourth restart',
      {
        containerStatuses: [
          container(
            { waiting: { reason: 'CrashLoopBackOff' } },
            { restartCount: 4, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
          ),
        ],
      },
      [],
      'exited with code 137, out of memory, restarted 4 times',
      true,
    ],
    [
      'the last probe',
      { containerStatuses: [container(running)] },
      [
        event('Unhealthy', 'Startup probe failed: first', '2026-01-01T00:00:10Z'),
        event(
          'Unhealthy',
          'Startup probe failed: some line\nwaiting for state transfer from mariadb-0\n',
          '2026-01-01T00:00:20Z',
        ),
      ],
      'waiting for state transfer from mariadb-0',
      false,
    ],
    [
      'a probe that printed nothing',
      { containerStatuses: [container(running)] },
      [event('Unhealthy', 'Readiness probe failed: ')],
      'has started; its health check fails without a word',
      false,
    ],
    [
      'a probe that could not be made, as newer kubelets say it',
      { containerStatuses: [container(running)] },
      [event('Unhealthy', 'Startup probe errored and resulted in unknown state: rpc error: not found')],
      'rpc error: not found',
      false,
    ],
    [
      'a container that was restarted and was not asked since',
      {
        containerStatuses: [
          container(running, { restartCount: 2, lastState: { terminated: { exitCode: 137 } } }),
        ],
      },
      [],
      'has started, and is not healthy yet (restarted 2 times, after exit code 137)',
      false,
    ],
    [
      'one that prepares it',
      {
        phase: 'Pending',
        initContainerStatuses: [container(running, { name: 'fill-volumes' })],
        containerStatuses: [container({ waiting: { reason: 'PodInitializing' } })],
      },
      [],
      'is being prepared by fill-volumes, 60 s so far',
      false,
    ],
    ...[
      ['HTTP probe failed with statuscode: 503', 'answers with HTTP 503'],
      ['dial tcp 10.0.0.1:3306: connect: connection refused', 'does not listen on port 3306 yet'],
      [
        'Get "http://10.0.0.1:8774/": dial tcp 10.0.0.1:8774: connect: connection refused',
        'does not listen on port 8774 yet',
      ],
      [
        'Get "http://10.0.0.1:8774/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
        'does not answer on port 8774 in time',
      ],
    ].map(([message, text]): [string, Pod['status'], EventObject[], string, boolean] => [
      `a port: ${text}`,
      { containerStatuses: [container(running)] },
      [event('Unhealthy', `Readiness probe failed: ${message}`)],
      text ?? '',
      false,
    ]),
    [
      'a volume that cannot be mounted',
      { phase: 'Pending', containerStatuses: [container({ waiting: { reason: 'ContainerCreating' } })] },
      [event('FailedMount', 'MountVolume.SetUp failed for volume "config":  secret "x" not found')],
      'MountVolume.SetUp failed for volume "config": secret "x" not found',
      false,
    ],
    [
      'an image under way',
      { phase: 'Pending', containerStatuses: [container({ waiting: { reason: 'ContainerCreating' } })] },
      [event('Pulling', 'Pulling image "x"')],
      'pulling its image on node-1',
      false,
    ],
    [
      'an eviction',
      { phase: 'Failed', message: 'The node was low on memory.' },
      [],
      'failed: The node was low on memory.',
      false,
    ],
  ])('names %s', (_what, status, events, text, hopeless) => {
    expect(describePod(podOf('app-0', status), { events, now })).toMatchObject({ text, hopeless });
  });

  test('is nothing for one that is ready, and is its end for one that is being removed', () => {
    expect(describePod(ready, { now })).toBeUndefined();
    const leaving = podOf('app-0', ready.status, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(isPodReady(leaving)).toBe(false);
    expect(describePod(leaving, { now })?.text).toBe('is being stopped');
  });

  test.each([
    ['Unknown', 'its node node-1 does not answer'],
    // Its kubelet says so itself: it still ends what it is told to.
    ['False', 'is being stopped'],
  ])('is its node where that says %s of being ready', (status, text) => {
    const leaving = podOf('app-0', ready.status, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    const conditions = [{ type: 'Ready', status }];
    const node = { metadata: { name: 'node-1' }, spec: {}, status: { conditions } } as Node;
    expect(describePod(leaving, { nodes: [node], now })?.text).toBe(text);
  });
});

describe('why no node takes a pod', () => {
  const refusal = (message: string, since = '2026-01-01T00:00:00Z') =>
    describeScheduling(
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: since },
      now,
    );

  test.each<[string, string, boolean]>([
    [
      "0/3 nodes are available: 3 node(s) didn't match node selector.",
      'no node takes it: 3 do not have the label it needs',
      true,
    ],
    [
      "0/3 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 2 node(s) didn't match Pod's node affinity.",
      'no node takes it: 1 has a taint node-role.kubernetes.io/master, 2 do not have the label it needs',
      true,
    ],
    [
      '0/3 nodes are available: 1 Insufficient memory, 2 node(s) were unschedulable.',
      'no node takes it: 1 has too little free memory, 2 are closed to new pods',
      false,
    ],
    [
      "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {a: b}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
      'no node takes it: 1 does not have the label it needs, 1 has a taint a',
      true,
    ],
    [
      "0/2 nodes are available: 1 node(s) had taint {node.kubernetes.io/unreachable: }, that the pod didn't tolerate, 1 node(s) had volume node affinity conflict.",
      'no node takes it: 1 has a taint node.kubernetes.io/unreachable, 1 cannot reach its volume',
      false,
    ],
    [
      '0/3 nodes are available: persistentvolumeclaim "ledger" not found.',
      'waits for its volume: the claim ledger is not there',
      false,
    ],
  ])('%s', (message, text, hopeless) => {
    expect(refusal(message)).toMatchObject({ text, hopeless });
  });

  test.each<[string, string, boolean]>([
    [
      "0/6 nodes are available: 3 Insufficient memory, 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/6 nodes are available: 3 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.",
      'no node takes it: 3 have too little free memory, 3 already run another instance of it',
      false,
    ],
    [
      "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
      'no node takes it: 1 has a taint, 2 do not have the label it needs',
      true,
    ],
    [
      '0/3 nodes are available: 1 Insufficient requests.example.org/gpu, 2 node(s) had untolerated taint(s).',
      'no node takes it: 1 has too little free requests.example.org/gpu, 2 have a taint',
      false,
    ],
  ])('in the words of newer schedulers: %s', (message, text, tainted) => {
    const words = refusal(message);
    expect(words).toMatchObject({ text, hopeless: false });
    expect(words.tainted ?? false).toBe(tainted);
    expect(refusal(message, '2026-01-01T00:00:55Z').tainted).toBeUndefined();
  });

  test('names the taints of nodes that the scheduler does not name, unless one may go by itself', () => {
    const node = (...keys: string[]): Node => ({
      metadata: { name: 'node' },
      spec: { taints: keys.map((key) => ({ key, effect: 'NoSchedule' })) },
      status: {},
    });
    const control = node('node-role.kubernetes.io/control-plane');
    const closed = node('node.kubernetes.io/unschedulable');
    expect(lastingTaints([node('example.org/gpu'), control, node('a', 'a'), closed])).toEqual([
      'a',
      'example.org/gpu',
    ]);
    expect(lastingTaints([node('example.org/gpu'), node('node.kubernetes.io/unreachable')])).toEqual([]);
    expect(lastingTaints([control, { ...control, spec: {} }])).toEqual([]);
  });

  test('is not final while labels and taints settle', () => {
    const message = "0/3 nodes are available: 3 node(s) didn't match node selector.";
    expect(refusal(message, '2026-01-01T00:00:55Z').hopeless).toBe(false);
  });
});

describe('how far a controller has come', () => {
  const object = (spec: object, status: object): WorkloadObject => ({
    metadata: { name: 'app', generation: 2, uid: 'deployment' },
    spec: { template: { spec: { containers: [] } }, ...spec },
    status: { observedGeneration: 2, ...status },
  });

  test('a Deployment is done when only new pods are there, and all are ready', () => {
    const done = { replicas: 2, updatedReplicas: 2, readyReplicas: 2 };
    expect(rolloutProgress('Deployment', object({ replicas: 2 }, done)).done).toBe(true);
    const old = rolloutProgress(
      'Deployment',
      object({ replicas: 2 }, { ...done, replicas: 3, readyReplicas: 3 }),
    );
    expect(old).toMatchObject({ done: false, text: '1 of the earlier version to be stopped' });
    const fresh = rolloutProgress('Deployment', object({ replicas: 2 }, { ...done, observedGeneration: 1 }));
    expect(fresh.done).toBe(false);
    expect(rolloutProgress('Deployment', object({ replicas: 0 }, {})).done).toBe(true);
  });

  test('a StatefulSet with two revisions is not done, however ready its pods are', () => {
    const status = {
      replicas: 3,
      readyReplicas: 3,
      currentRevision: 'a',
      updateRevision: 'b',
      updatedReplicas: 1,
    };
    expect(rolloutProgress('StatefulSet', object({ replicas: 3 }, status))).toMatchObject({
      done: false,
      text: '1 of 3 made anew',
    });
    const same = { replicas: 3, readyReplicas: 3, currentRevision: 'b', updateRevision: 'b' };
    expect(rolloutProgress('StatefulSet', object({ replicas: 3 }, same)).done).toBe(true);
  });

  test('a DaemonSet counts the nodes that it is for', () => {
    const status = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberReady: 1 };
    expect(rolloutProgress('DaemonSet', object({}, status))).toMatchObject({
      done: false,
      ready: 1,
      wanted: 2,
    });
    expect(rolloutProgress('DaemonSet', object({}, { ...status, numberReady: 2 })).done).toBe(true);
  });

  describe('of a StatefulSet with a pod on a lost node', () => {
    const nodes = [
      {
        metadata: { name: 'node-1' },
        spec: {},
        status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
      },
    ] as Node[];
    const revisions = { currentRevision: 'b', updateRevision: 'b' };
    const lost = podOf('app-2', {});
    const summaryOf = (status: object, kind = 'StatefulSet') =>
      summarize('app', { kind, object: object({ replicas: 3 }, status) }, [lost], { nodes, now });

    test('is done where more than half serve', () => {
      const status = { ...revisions, replicas: 3, updatedReplicas: 3, readyReplicas: 2 };
      expect(summaryOf(status)).toMatchObject({
        done: true,
        sentence: '2 of 3 app pods ready; app-2: its node node-1 does not answer',
      });
      // Others move to another node by themselves.
      expect(summaryOf(status, 'Deployment').done).toBe(false);
    });

    test('is not done where others are missing too, half of them only serve, or something is to change', () => {
      const status = { ...revisions, replicas: 3, updatedReplicas: 3, readyReplicas: 1 };
      expect(summaryOf(status).done).toBe(false);
      const two = { ...status, replicas: 2, updatedReplicas: 2 };
      const half = { kind: 'StatefulSet', object: object({ replicas: 2 }, two) };
      expect(summarize('app', half, [lost], { nodes, now }).done).toBe(false);
      expect(summaryOf({ ...status, updateRevision: 'c', updatedReplicas: 1, readyReplicas: 2 }).done).toBe(
        false,
      );
    });
  });

  test('is said in one sentence, the worst pod first', () => {
    const status = { replicas: 2, updatedReplicas: 2, readyReplicas: 1 };
    const workload = { kind: 'Deployment', object: object({ replicas: 2 }, status) };
    const leaving = podOf('app-1', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    const starting = podOf('app-2', { containerStatuses: [container(running)] });
    const summary = summarize('app', workload, [leaving, ready, starting], { now });
    expect(summary.sentence).toBe('1 of 2 app pods ready; app-2: has started, and is not healthy yet');
    expect(summary).toMatchObject({ hopeless: false, witness: 'app-2' });
  });

  test('does not give up because of pods that are to go', () => {
    const labels = (identity: string) => ({ labels: { 'gantry.org/identity': identity } });
    const broken = {
      containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 9 })],
    };
    const status = { replicas: 2, updatedReplicas: 1, readyReplicas: 0 };
    const template = { metadata: labels('new'), spec: { containers: [] } };
    const workload = { kind: 'Deployment', object: object({ replicas: 1, template }, status) };
    const old = podOf('app-1', broken, labels('old'));
    const next = podOf('app-2', { containerStatuses: [container(running)] }, labels('new'));
    expect(summarize('app', workload, [old, next], { now })).toMatchObject({
      sentence: '0 of 1 app pod ready; app-2: has started, and is not healthy yet',
      hopeless: false,
      witness: 'app-2',
    });
    expect(summarize('app', workload, [podOf('app-2', broken, labels('new'))], { now }).hopeless).toBe(true);
  });

  test('names what refused to make pods at all', () => {
    const workload = { kind: 'StatefulSet', object: object({ replicas: 1 }, { replicas: 0 }) };
    const refused = event('FailedCreate', 'exceeded quota', '2026-01-01T00:00:10Z', 'deployment');
    expect(summarize('app', workload, [], { events: [refused], now }).sentence).toBe(
      '0 of 1 app pod ready; exceeded quota',
    );
  });
});
