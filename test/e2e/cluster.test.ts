/** The test cluster itself: what it promises to the tests that are run on it. */
import { Resolver } from 'node:dns/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeLimit } from '../../src/time-limit.ts';
import { isReady } from '../cluster/api.ts';
import {
  addNode,
  type ClusterContext,
  killNode,
  removeNode,
  requireCluster,
  startNode,
  up,
} from '../cluster/cluster.ts';
import { listContainers } from '../cluster/containers.ts';
import { openContext } from '../cluster/context.ts';
import { down } from '../cluster/down.ts';
import {
  addresses,
  kubernetesPrograms,
  kubernetesVersion,
  nodeAddress,
  registryName,
  roleLabel,
} from '../cluster/settings.ts';
import { waitUntil } from './gantry.ts';
import { Playground } from './playground.ts';

let context: ClusterContext;
let playground: Playground;
let wasThere = false;
const said: string[] = [];

/** A web server on every node that serves a file of its own disk, and has a second disk that all share. */
const web = 'web';
const port = 8080;

beforeAll(async () => {
  context = await openContext({
    environment: process.env,
    uid: process.getuid?.() ?? 0,
    signal: new AbortController().signal,
    say: (line) => said.push(line),
  });
  wasThere = (await listContainers(context.docker)).size > 0;
  await up(context);
  playground = await Playground.open(requireCluster(context).kubeconfig, context.docker, registryName);
  for (const object of webObjects(playground.image)) await playground.create(object);
});

afterAll(async () => {
  try {
    if ((await listContainers(context.docker)).size > 0) await playground?.close();
  } finally {
    if (!wasThere) await down(context, { all: true });
  }
});

describe('the test cluster', () => {
  it('has three ready nodes or more of the version that was built', async () => {
    const { items } = await playground.core.listNode();
    const ready = items.filter((node) => isReady(node));
    expect(ready.length).toBeGreaterThanOrEqual(3);
    expect(new Set(ready.map(({ status }) => status?.nodeInfo?.kubeletVersion))).toEqual(
      new Set([`v${kubernetesVersion}`]),
    );
  });

  it('is not given programs that are not there, nor others while it runs', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'gantry-programs-'));
    try {
      await expect(up(context, { programs: empty })).rejects.toThrow(/lacks kube-apiserver, .*kube-proxy/);
      for (const name of kubernetesPrograms) await writeFile(join(empty, name), '');
      await expect(up(context, { programs: empty })).rejects.toThrow(/runs the programs of/);
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  it('stays as it is when it is brought up again', async () => {
    const ids = async () => [...(await listContainers(context.docker)).values()].map(({ Id }) => Id).sort();
    const before = await ids();
    said.length = 0;
    await up(context);
    expect(said).toEqual([]);
    expect(await ids()).toEqual(before);
  });

  it('lets pods of different nodes reach each other', async () => {
    const pods = await playground.pods(web, 3);
    expect(new Set([...pods.values()].map(({ spec }) => spec?.nodeName)).size).toBe(3);
    for (const [name, { status }] of pods) {
      for (const from of pods.keys()) {
        expect(await playground.exec(from, 'wget', '-qO-', `http://${status?.podIP}:${port}/name`)).toBe(
          `${name}\n`,
        );
      }
    }
  });

  it('balances a service over its pods, and shows a pod itself through it', async () => {
    await playground.pods(web, 3);
    const service = await playground.core.readNamespacedService({
      name: 'front',
      namespace: playground.namespace,
    });
    const ask = `wget -qO- http://${service.spec?.clusterIP}/name`;
    const loop = `i=0; while [ $i -lt 40 ]; do ${ask}; i=$((i + 1)); done`;
    await waitUntil('an answer of each pod through the service', 30_000, async () => {
      const answers = await playground.exec('web-0', 'sh', '-c', loop);
      return new Set(answers.trim().split('\n')).size === 3 ? true : undefined;
    });
  });

  it('reaches a service from this machine at the address of any node', async () => {
    await playground.pods(web, 3);
    for (const index of [1, 2, 3]) {
      const answer = await fetch(`http://${nodeAddress(index)}:${port}/name`, {
        signal: timeLimit(10_000),
      });
      expect(await answer.text()).toMatch(/^web-[0-2]\n$/);
    }
  });

  it('knows the names of services and pods, inside pods and out', async () => {
    const pods = await playground.pods(web, 3);
    const domain = `${web}.${playground.namespace}.svc.cluster.local`;
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers([addresses.control]);
    const all = [...pods.values()].map(({ status }) => status?.podIP);
    await waitUntil('all pods in the name service', 15_000, async () =>
      (await resolver.resolve4(domain).catch(() => [])).length === 3 ? true : undefined,
    );
    expect((await resolver.resolve4(domain)).sort()).toEqual(all.sort());
    const one = pods.get('web-1')?.status?.podIP ?? '';
    expect(await resolver.reverse(one)).toContain(`web-1.${domain}`);
    expect(await resolver.resolveSrv(`_http._tcp.${domain}`)).toContainEqual(
      expect.objectContaining({ name: `web-2.${domain}`, port }),
    );
    await expect(resolver.resolve4(`nobody.${domain}`)).rejects.toThrow('ENOTFOUND');
    expect(await playground.exec('web-0', 'nslookup', `web-1.${domain}`)).toContain(one);
  });

  it('keeps what a pod wrote when the pod is gone, and shares what is to be shared', async () => {
    await playground.pods(web, 3);
    await playground.exec('web-0', 'sh', '-c', 'echo kept > /data/kept; echo for all > /shared/note');
    expect(await playground.exec('web-2', 'cat', '/shared/note')).toBe('for all\n');
    const { namespace } = playground;
    await playground.core.deleteNamespacedPod({ name: 'web-0', namespace });
    await playground.pods(web, 3);
    expect(await playground.exec('web-0', 'cat', '/data/kept')).toBe('kept\n');
  });

  it('takes in a node, notices its loss, has it back, and lets it go', async () => {
    const name = await addNode(context);
    try {
      await playground.create(podOn(name, playground.image));
      await playground.pods('alone', 1);
      await killNode(context, name);
      await waitUntil(`${name} not ready`, 60_000, async () =>
        isReady(await playground.core.readNode({ name })) ? undefined : true,
      );
      await startNode(context, name);
      await waitUntil('the pod started again', 60_000, async () => {
        const [pod] = (await playground.pods('alone', 1)).values();
        return (pod?.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0 ? true : undefined;
      });
      expect(await playground.exec('alone', 'hostname')).toBe('alone\n');
    } finally {
      await removeNode(context, name);
    }
    const { items } = await playground.core.listNode();
    expect(items.map(({ metadata }) => metadata?.name)).not.toContain(name);
  });

  it('deletes volumes with their claims', async () => {
    const mine = async () => {
      const { items } = await playground.core.listPersistentVolume();
      return items.filter(({ spec }) => spec?.claimRef?.namespace === playground.namespace);
    };
    expect(await mine()).toHaveLength(4);
    await playground.close();
    await waitUntil('all volumes gone', 30_000, async () => ((await mine()).length === 0 ? true : undefined));
  });

  it('leaves nothing on the engine when it is removed', async (test) => {
    test.skip(wasThere, 'the cluster was there before this test, which leaves it alone');
    await down(context, { all: true });
    const filters = { label: [roleLabel] };
    expect(await context.docker.listContainers({ all: true, filters })).toEqual([]);
    expect(await context.docker.listNetworks({ filters })).toEqual([]);
    expect((await context.docker.listVolumes({ filters })).Volumes).toEqual([]);
  });
});

function webObjects(image: string) {
  const labels = { app: web };
  const main = {
    name: 'main',
    image,
    args: ['sh', '-c', `hostname > /data/name; exec httpd -f -p ${port} -h /data`],
    readinessProbe: { httpGet: { port, path: '/name' }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'shared', mountPath: '/shared' },
    ],
  };
  const apart = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
      ],
    },
  };
  return [
    claim('shared', 'ReadWriteMany', 'shared'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: web },
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'front' },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: port }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'public' },
      spec: { selector: labels, externalIPs: [1, 2, 3].map(nodeAddress), ports: [{ port }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: web },
      spec: {
        serviceName: web,
        replicas: 3,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            affinity: apart,
            terminationGracePeriodSeconds: 1,
            containers: [main],
            volumes: [{ name: 'shared', persistentVolumeClaim: { claimName: 'shared' } }],
          },
        },
        volumeClaimTemplates: [claim('data', 'ReadWriteOnce')],
      },
    },
  ];
}

function claim(name: string, accessMode: string, storageClassName?: string) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      accessModes: [accessMode],
      resources: { requests: { storage: '10Mi' } },
      ...(storageClassName && { storageClassName }),
    },
  };
}

function podOn(nodeName: string, image: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'alone', labels: { app: 'alone' } },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image, args: ['sleep', '600'] }],
    },
  };
}
