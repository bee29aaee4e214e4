import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { containerOf, objectsOf, podOf } from './testing/cluster.ts';

const root = { user: '0:0' };

describe('privileges', () => {
  test('are none for a process that needs none', () => {
    const objects = objectsOf({});
    expect(containerOf(objects).securityContext).toEqual({
      runAsUser: 900,
      runAsGroup: 900,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(podOf(objects).spec).not.toHaveProperty('hostNetwork');
    expect(podOf(objects).spec.securityContext.fsGroup).toBe(900);
  });

  test('are the named capabilities', () => {
    const { securityContext } = containerOf(
      objectsOf({ ...root, needs: { capabilities: ['NET_RAW', 'CHOWN'] } }),
    );
    expect(securityContext.capabilities).toEqual({ drop: ['ALL'], add: ['CHOWN', 'NET_RAW'] });
    expect(securityContext.runAsNonRoot).toBe(false);
    expect(securityContext.allowPrivilegeEscalation).toBe(false);
  });

  test('may be gained by set-uid programs where a process says so', () => {
    expect(containerOf(objectsOf({ needs: { setuid: true } })).securityContext).toMatchObject({
      allowPrivilegeEscalation: true,
      runAsNonRoot: true,
    });
  });

  test('files of root need no group of their own', () => {
    expect(podOf(objectsOf(root)).spec.securityContext).not.toHaveProperty('fsGroup');
  });

  test.each([
    ['1.29 by an annotation', 29, 'unconfined', undefined],
    ['1.30 by a field', 30, undefined, { type: 'Unconfined' }],
  ])('mounts are not denied by AppArmor, in %s', (_, minorVersion, annotation, field) => {
    const objects = objectsOf({ needs: { capabilities: ['SYS_ADMIN'] } }, { facts: { minorVersion } });
    const { annotations } = podOf(objects).metadata;
    expect(annotations['container.apparmor.security.beta.kubernetes.io/main']).toBe(annotation);
    expect(containerOf(objects).securityContext.appArmorProfile).toEqual(field);
  });
});

describe('what a container starts', () => {
  test("is left to the image's entry point", () => {
    expect(containerOf(objectsOf({}))).toMatchObject({ args: ['example', '--serve'] });
    expect(containerOf(objectsOf({}))).not.toHaveProperty('command');
  });

  test('makes sysctls writable for whoever makes network namespaces', () => {
    const { args } = containerOf(objectsOf({ ...root, needs: { capabilities: ['SYS_ADMIN', 'NET_ADMIN'] } }));
    expect(args[2]).toContain('mount -o remount,bind,rw /proc/sys');
    expect(args.slice(4)).toEqual(['example', '--serve']);
  });

  test("enters the node's cgroups, for which it may look at the node's first process", () => {
    const { args, securityContext, volumeMounts } = containerOf(
      objectsOf({ ...root, needs: { hostCgroup: true, hostPid: true, capabilities: ['SYS_ADMIN'] } }),
    );
    expect(args[2]).toContain('nsenter --target 1 --cgroup');
    expect(securityContext.capabilities.add).toContain('SYS_PTRACE');
    expect(volumeMounts).toContainEqual({ name: 'cgroups', mountPath: '/sys/fs/cgroup' });
  });
});

describe('devices', () => {
  test('tun is mounted', () => {
    const objects = objectsOf({ needs: { devices: [{ device: 'tun' }] } });
    expect(podOf(objects).spec.volumes).toContainEqual({
      name: 'tun',
      hostPath: { path: '/dev/net/tun', type: 'CharDevice' },
    });
  });

  test('optional ones are made where the node has them', () => {
    const kvm = { device: 'kvm' as const, optional: true };
    const { args } = containerOf(
      objectsOf({ ...root, needs: { hostCgroup: true, hostPid: true, devices: [kvm] } }),
    );
    expect(args[2]).toContain('if [ -c /mnt/node-dev/kvm ]; then cp -a /mnt/node-dev/kvm /dev/; fi');
    expect(containerOf(objectsOf({ needs: { devices: [kvm] } })).args).toEqual(['example', '--serve']);
  });

  test('others cannot be needed', () => {
    expect(() => objectsOf({ needs: { devices: [{ device: 'kvm' }] } })).toThrow(
      expect.objectContaining({ code: 'process.no-device', whose: 'bug' }),
    );
  });
});

describe('block devices', () => {
  const block = '/dev/disk/by-id/wwn-1';

  test('are there and empty before the container that has them starts, with all privileges', () => {
    const objects = objectsOf({ needs: { devices: [{ block, path: '/dev/disk1', content: ['a', 'b'] }] } });
    const { spec } = podOf(objects);
    expect(spec.volumes).toContainEqual({ name: 'block-0', hostPath: { path: block, type: 'BlockDevice' } });
    const mount = { name: 'block-0', mountPath: '/dev/disk1' };
    expect(containerOf(objects).volumeMounts).toContainEqual(mount);
    expect(containerOf(objects).securityContext).toEqual({
      runAsUser: 900,
      runAsGroup: 900,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      privileged: true,
    });
    expect(spec.initContainers).toHaveLength(1);
    expect(spec.initContainers[0].volumeMounts).toEqual([mount]);
    expect(spec.initContainers[0].args.slice(-2)).toEqual(['/dev/disk1', 'a b']);
  });

  test('that are optional are taken where a node has them, which only root can', () => {
    const needs = { devices: [{ block, optional: true }] };
    const objects = objectsOf({ ...root, needs });
    expect(containerOf(objects).args[2]).toContain("if [ -b '/mnt/node-dev/disk/by-id/wwn-1' ]; then");
    expect(podOf(objects).spec.initContainers[0].args.slice(-2)).toEqual([
      '/mnt/node-dev/disk/by-id/wwn-1',
      '',
    ]);
    expect(() => objectsOf({ needs })).toThrow(/an optional block device/);
  });

  // blkid(8) ends with 2 where it finds nothing, and with 8 where signatures contradict each other.
  test.each([
    ['nothing', 'exit 2', 0, ''],
    ['what the workload writes', 'echo own', 0, ''],
    ['a file system', 'echo ext4', 1, 'has ext4 on it'],
    ['the workload’s and a partition table', 'echo own; echo gpt', 1, 'has gpt on it'],
    ['several', 'exit 8', 1, 'several kinds'],
    ['nothing that can be read', 'exit 4', 1, 'cannot be read'],
  ])('with %s on it', (_name, blkid, status, message) => {
    const { spec } = podOf(objectsOf({ needs: { devices: [{ block, content: ['own'] }] } }));
    const [shell = '', flags = '', script = '', ...args] = spec.initContainers[0].args as string[];
    // There is no block device here, nor anything to read of one.
    const here = script.replace('[ -b "$device" ]', 'true');
    const result = spawnSync(shell, [flags, `blkid() { ${blkid}; }\n${here}`, ...args], { encoding: 'utf8' });
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(message);
  });
});

test('what Kubernetes cannot give without all privileges is refused', () => {
  const mount = { hostPath: '/run/netns', path: '/run/netns', propagation: 'shared' as const };
  expect(() => objectsOf({ hostMounts: [mount] })).toThrow(/shared propagation/);
  expect(() => objectsOf({ stop: { signal: 'SIGQUIT', graceSeconds: 1 } })).toThrow(/SIGQUIT/);
});
