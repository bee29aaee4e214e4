import { describe, expect, test } from 'vitest';
import { process } from '../../../src/model/make.ts';
import type { Node, Pod } from '../api/objects.ts';
import { checkSeeds } from '../preflight/checks.ts';
import { renderSeedPod } from '../render/seed.ts';
import { manifestOf } from '../render/testing/cluster.ts';
import { findUnseeded, howToSeed, imageToStartFrom } from './seeds.ts';

const reference = 'localhost:4999/gantry/registry:0123456789ab';

function node(name: string, images: string[] = [], more: { runtime?: string; ready?: boolean } = {}): Node {
  return {
    metadata: { name, labels: { 'gantry.org/compute': '' } },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }],
      nodeInfo: {
        kernelVersion: '6.1',
        osImage: 'Debian',
        kubeletVersion: 'v1.30.0',
        containerRuntimeVersion: more.runtime ?? 'containerd://1.7.0',
        architecture: 'amd64',
      },
      images: images.map((one, index) => ({ names: [one], sizeBytes: 1000 - index })),
    },
  };
}

function mirrorOn(nodeName: string, running: boolean): Pod {
  const state = running ? { running: { startedAt: '' } } : { waiting: { reason: 'ImagePullBackOff' } };
  return {
    metadata: { name: `mirror-${nodeName}`, labels: { 'app.kubernetes.io/name': 'registry-mirror' } },
    spec: { nodeName, containers: [{ name: 'main', image: reference }] },
    status: {
      containerStatuses: [{ name: 'main', ready: running, restartCount: 0, image: reference, state }],
    },
  };
}

describe('nodes that lack the image of the registry', () => {
  const keeper = process({
    name: 'registry',
    service: 'registry',
    image: 'registry',
    command: [],
    user: '906:906',
    health: { command: [], intervalSeconds: 1, timeoutSeconds: 1, startSeconds: 1, retries: 1 },
  });
  const desired = {
    registry: { process: 'registry', pushPort: 4998, mirror: 'registry-mirror' },
    processes: [keeper],
    images: [
      { name: 'registry', hash: '0123456789ab', reference: 'gantry/registry:0123456789ab', parents: [] },
    ],
  };
  const nodes = [
    node('with', [reference]),
    node('running'),
    node('pulling'),
    node('old', ['localhost:4999/gantry/registry:ffffffffffff']),
    node('down', [], { ready: false }),
    { ...node('other'), metadata: { name: 'other' } },
  ];
  const pods = [mirrorOn('running', true), mirrorOn('pulling', false)];
  const find = (registry: (typeof desired)['registry'] | undefined) =>
    findUnseeded({
      desired: { ...desired, ...(registry ? { registry } : { registry: undefined as never }) },
      imagePrefix: 'localhost:4999/',
      nodes,
      pods,
    }).map(({ metadata }) => metadata.name);

  test('are those of the cloud that are ready, and neither list it nor run it', () => {
    expect(find(desired.registry)).toEqual(['old', 'pulling']);
  });

  test('are none where images come from elsewhere', () => {
    expect(find(undefined)).toEqual([]);
  });

  test('are refused by a check, with what to do, where their runtime takes no images from here', () => {
    expect(checkSeeds([]).level).toBe('ok');
    expect(checkSeeds([node('a'), node('b', [], { runtime: 'docker://20.10.0' })])).toMatchObject({
      level: 'ok',
      message: expect.stringContaining('a, b'),
    });
    const refused = checkSeeds([node('a'), node('b', [], { runtime: 'cri-o://1.30.0' })]);
    expect(refused).toMatchObject({ level: 'error', message: expect.stringMatching(/^b: .*cri-o/) });
    expect(refused.next).toContain('`podman load -i FILE` on b');
    expect(howToSeed(node('a'))).toContain('`ctr -n k8s.io images import FILE` on a');
  });
});

describe('the pod that a node loads the image with', () => {
  test('starts from the smallest image with a name', () => {
    const images = ['example.org/large:1', 'example.org/small@sha256:00', '<none>:<none>', 'pause:3'];
    expect(imageToStartFrom(node('a', images))).toBe('pause:3');
    expect(imageToStartFrom(node('a'))).toBeUndefined();
  });

  test('has the programs of the node, and changes nothing where it has none', () => {
    const input = { cloud: 'c', namespace: 'n', node: 'a', image: 'pause:3', architecture: 'amd64' };
    const pod = (architecture: string) => {
      const object = renderSeedPod({ ...input, architecture });
      return manifestOf([object], 'Pod').spec;
    };
    const spec = pod('amd64');
    expect(spec.containers[0].imagePullPolicy).toBe('Never');
    expect(spec.containers[0].securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['SYS_CHROOT'] },
    });
    type Volume = { hostPath: { path: string; type: string } };
    const paths = (one: { volumes: Volume[] }) => one.volumes.map(({ hostPath }) => hostPath.path);
    expect(paths(spec)).toEqual(['/bin', '/lib', '/usr', '/lib64', '/']);
    expect(paths(pod('arm64'))).not.toContain('/lib64');
    // No directory is made on the node, and only its root is writable.
    expect(spec.volumes.every(({ hostPath }: Volume) => hostPath.type === 'Directory')).toBe(true);
  });
});
