import { describe, expect, test } from 'vitest';
import { file } from '../../../src/model/make.ts';
import type { Process } from '../../../src/model/workload.ts';
import {
  bundleOf,
  type cluster,
  containerOf,
  manifestOf,
  objectsOf,
  podOf,
  renderDesiredCloud,
} from './testing/cluster.ts';

const volumes: Process['volumes'] = [{ volume: 'data', path: '/var/lib/data', sizeGiB: 20 }];
const gid = 900;

describe('data', () => {
  test('of an instance is a claim of its own', () => {
    const { spec } = manifestOf(objectsOf({ volumes, replicas: 3 }), 'StatefulSet');
    expect(spec).toMatchObject({ replicas: 3, podManagementPolicy: 'Parallel' });
    expect(spec.volumeClaimTemplates[0].spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      resources: { requests: { storage: '20Gi' } },
    });
    expect(spec.template.spec.securityContext.fsGroupChangePolicy).toBe('OnRootMismatch');
  });

  test('has the size and class that the cluster is said to have', () => {
    const facts = { volumeSizes: { data: '100Gi' }, storageClass: undefined };
    const [claim] = manifestOf(objectsOf({ volumes }, { facts }), 'StatefulSet').spec.volumeClaimTemplates;
    expect(claim.spec.resources.requests.storage).toBe('100Gi');
    expect(claim.spec).not.toHaveProperty('storageClassName');
  });

  test('of several processes is one claim, on many nodes where a class can do that', async () => {
    const desired = await renderDesiredCloud();
    const claim = (facts: Partial<typeof cluster>) =>
      manifestOf(bundleOf(desired, 'cloud', facts).objects, 'PersistentVolumeClaim', 'glance').spec;
    expect(claim({})).toMatchObject({ accessModes: ['ReadWriteOnce'], storageClassName: 'local' });
    expect(claim({ sharedStorageClass: 'nfs' })).toMatchObject({
      accessModes: ['ReadWriteMany'],
      storageClassName: 'nfs',
    });
  });

  test('that are an NFS export are mounted by the nodes, and nobody claims them', () => {
    const mount = { volume: 'data', path: '/data', scope: 'shared', export: 'nfs.example.org:/srv' } as const;
    const { spec } = podOf(objectsOf({ volumes: [mount] }));
    expect(spec.volumes).toContainEqual({ name: 'data', nfs: { server: 'nfs.example.org', path: '/srv' } });
    expect(manifestOf(objectsOf({ volumes: [mount] }), 'Deployment').kind).toBe('Deployment');
  });

  test('of a node is a directory of it, for its life or until it restarts, filled as an image has it', () => {
    const { spec } = podOf(
      objectsOf({
        spread: 'perNode',
        volumes: [
          { volume: 'state', path: '/var/lib/example', scope: 'node' },
          { volume: 'sockets', path: '/run/example', scope: 'node' },
        ],
      }),
    );
    expect(spec.volumes).toContainEqual({
      name: 'state',
      hostPath: { path: '/var/lib/gantry/test/state', type: 'DirectoryOrCreate' },
    });
    expect(spec.volumes).toContainEqual({
      name: 'sockets',
      hostPath: { path: '/run/gantry/test/sockets', type: 'DirectoryOrCreate' },
    });
    expect(spec.initContainers[0].args.slice(-2)).toEqual(['/var/lib/example', '/run/example']);
  });

  test('in memory is writable by the process', () => {
    expect(podOf(objectsOf({ tmpfs: ['/run/example'] })).spec.volumes).toEqual([
      { name: 'memory-run-example', emptyDir: { medium: 'Memory' } },
    ]);
  });

  test('on disk that goes with the pod is a directory of the node that the kubelet makes and removes', () => {
    expect(podOf(objectsOf({ tmpfs: [], scratch: ['/var/lib/example'] })).spec.volumes).toEqual([
      { name: 'scratch-var-lib-example', emptyDir: {} },
    ]);
  });
});

describe('configuration', () => {
  const files = [
    file('/etc/gantry/example.conf', 'fixed', { gid }),
    file('/etc/gantry/keys/0', 'key', { gid, mode: 0o400 }),
    file('/etc/gantry/live.conf', 'reloaded', { gid, reloadable: true }),
  ];
  const secrets = (objects: ReturnType<typeof objectsOf>) =>
    objects.filter(({ ref }) => ref.kind === 'Secret').map(({ ref }) => ref.name);

  test('is one directory from a Secret that never changes and one that does', () => {
    const objects = objectsOf({ files });
    const [fixed, live] = secrets(objects);
    expect(fixed).toMatch(/^example-config-[0-9a-f]{12}$/);
    expect(live).toBe('example-reloadable');
    expect(manifestOf(objects, 'Secret', fixed)).toMatchObject({
      immutable: true,
      data: { 'example.conf': btoa('fixed'), 'keys.0': btoa('key') },
    });
    expect(manifestOf(objects, 'Secret', live)).not.toHaveProperty('immutable');
    expect(podOf(objects).spec.volumes).toContainEqual({
      name: 'config',
      projected: {
        sources: [
          {
            secret: {
              name: fixed,
              items: [
                { key: 'example.conf', path: 'example.conf', mode: 0o440 },
                { key: 'keys.0', path: 'keys/0', mode: 0o400 },
              ],
            },
          },
          { secret: { name: live, items: [{ key: 'live.conf', path: 'live.conf', mode: 0o440 }] } },
        ],
      },
    });
    expect(containerOf(objects).volumeMounts).toContainEqual({
      name: 'config',
      mountPath: '/etc/gantry',
      readOnly: true,
    });
  });

  test('that changes gives new pods, unless they take it up by themselves', () => {
    const changed = (path: string) =>
      objectsOf({ files: files.map((one) => (one.path === path ? { ...one, content: 'changed' } : one)) });
    const before = objectsOf({ files });
    const live = changed('/etc/gantry/live.conf');
    expect(podOf(live)).toEqual(podOf(before));
    expect(secrets(live)).toEqual(secrets(before));
    const fixed = changed('/etc/gantry/example.conf');
    expect(podOf(fixed)).not.toEqual(podOf(before));
    expect(secrets(fixed)[0]).not.toBe(secrets(before)[0]);
  });

  test('with names that a Secret cannot tell apart is refused', () => {
    const twins = ['a/b', 'a.b'].map((name) => file(`/etc/gantry/${name}`, '', { gid }));
    expect(() => objectsOf({ files: twins })).toThrow(expect.objectContaining({ code: 'process.same-key' }));
  });
});
