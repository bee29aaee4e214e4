import { beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import type { Needs, Process } from '../../src/model/workload.ts';
import { makeProcess } from '../../src/plan/testing/workloads.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../../test/contract/cloud.ts';
import { checkKernel } from './kernel.ts';

const everything = ['openvswitch', 'geneve', 'vxlan', 'bridge', 'veth', 'tun', 'nf_tables'];
let processes: Process[];

beforeAll(async () => {
  processes = renderCloud(await loadCatalogue(projectRoot())).desired.processes;
});

function kernelWithout(...modules: string[]): Record<string, Finding> {
  const findings = checkKernel(({ name }) => everything.includes(name) && !modules.includes(name), processes);
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}

function findingsOf(modules: readonly string[], ...needs: Needs[]): Finding[] {
  const workloads = needs.map((one) => makeProcess('api', { needs: one }));
  return checkKernel(({ name }) => modules.includes(name), workloads);
}

test('what the catalogue needs of the kernel is told of in full', () => {
  expect(Object.values(kernelWithout())).toEqual([
    { check: 'kernel: bridge', level: 'ok', message: 'available' },
    { check: 'kernel: veth', level: 'ok', message: 'available' },
    { check: 'kernel: tun', level: 'ok', message: 'available' },
    { check: 'kernel: packet filter', level: 'ok', message: 'nf_tables' },
    { check: 'kernel: openvswitch', level: 'ok', message: 'available', choice: 'datapath in the kernel' },
    { check: 'kernel: tunnels', level: 'ok', message: 'geneve is available', choice: 'Geneve' },
  ]);
  expect(Object.values(kernelWithout(...everything))).toEqual([
    ...['bridge', 'veth', 'tun'].map((name) => ({
      check: `kernel: ${name}`,
      level: 'error',
      message: 'this kernel does not have it',
      next: `Install the kernel's modules (\`modprobe ${name}\` must succeed).`,
    })),
    {
      check: 'kernel: packet filter',
      level: 'error',
      message: 'this kernel has neither nf_tables nor ip_tables',
      next: 'Install the modules of the kernel; the engine needs them for its networks.',
    },
    {
      check: 'kernel: openvswitch',
      level: 'ok',
      message: 'this kernel does not have it',
      choice: 'datapath in user space, which is slower',
    },
    { check: 'kernel: tunnels', level: 'ok', message: 'made in user space', choice: 'Geneve' },
  ]);
});

test('what the kernel has decides datapath and tunnels', () => {
  expect(kernelWithout('openvswitch', 'geneve')['kernel: tunnels']?.choice).toBe('Geneve');
  expect(kernelWithout('geneve')['kernel: tunnels']).toEqual({
    check: 'kernel: tunnels',
    level: 'ok',
    message: 'this kernel has vxlan, not geneve',
    choice: 'VXLAN',
  });
  expect(kernelWithout('geneve', 'vxlan')['kernel: tunnels']).toEqual({
    check: 'kernel: tunnels',
    level: 'error',
    message: 'this kernel has no geneve and no vxlan',
    next: 'Install the modules of the kernel.',
  });
});

test('one of several is asked for by what it is for', () => {
  const tunnels = {
    purpose: 'tunnels',
    modules: [{ name: 'vxlan', choice: 'VXLAN' }],
    onlyWith: { name: 'openvswitch', otherwise: 'made in user space' },
  };
  const found = (...modules: string[]) => findingsOf(modules, { kernel: [tunnels] }).at(-1);
  expect(found('openvswitch', 'geneve')).toMatchObject({
    level: 'error',
    message: 'this kernel has no vxlan',
  });
  expect(found('openvswitch', 'vxlan')).toMatchObject({ message: 'vxlan is available', choice: 'VXLAN' });
});

test('a kernel is asked for no more than the processes of the cloud need, and for the same once', () => {
  const modules = ['bridge', 'veth', 'ip_tables'];
  expect(findingsOf(modules).map(({ check }) => check)).toEqual([
    'kernel: bridge',
    'kernel: veth',
    'kernel: packet filter',
  ]);
  const optional: Needs = { devices: [{ device: 'kvm', optional: true }, { block: '/dev/sdb' }] };
  const ring: Needs = { kernel: [{ modules: [{ name: 'rbd', option: 'BLK_DEV_RBD' }] }] };
  const found = findingsOf(modules, optional, ring, ring, { devices: [{ device: 'fuse' }] });
  expect(found.filter(({ level }) => level === 'error').map(({ check }) => check)).toEqual([
    'kernel: fuse',
    'kernel: rbd',
  ]);
});

test('an export of NFS needs a kernel that mounts it', () => {
  const volumes = [{ volume: 'data', path: '/data', export: 'nfs.example.org:/volumes' }];
  const workloads = [makeProcess('a', { volumes }), makeProcess('b', { volumes })];
  const said = (...modules: string[]) =>
    checkKernel(({ name }) => modules.includes(name), workloads).filter(
      ({ check }) => check === 'kernel: NFS',
    );
  expect(said('nfsv4')).toMatchObject([{ level: 'ok', message: 'nfsv4 is available' }]);
  expect(said()).toMatchObject([{ level: 'error', message: 'this kernel has no nfsv4' }]);
});
