import { expect, test } from 'vitest';
import { renderCloud } from '../../test/contract/cloud.ts';
import { virtualMachines } from './machines.ts';
import service from './service.ts';
import { checkSettings } from './settings.ts';

const alone = (settings: object, facts = {}) =>
  renderCloud([service], { settings: { baremetal: { standalone: true, ...settings } }, facts });

const fileOf = ({ desired }: ReturnType<typeof alone>, process: string, name: string): string => {
  const { files } = desired.processes.find((one) => one.name === process) ?? { files: [] };
  return files.find(({ path }) => path.endsWith(`/${name}`))?.content ?? '';
};

test('Ironic alone has no machines unless some are asked for', () => {
  const names = (settings: object) => alone(settings).desired.processes.map(({ name }) => name);
  expect(names({})).toEqual(['ironic', 'ironic-boot', 'ironic-http']);
  expect(names({ virtual: { machines: 1 } })).toEqual([
    'ironic',
    'ironic-boot',
    'ironic-http',
    'virtual-bmc',
  ]);
});

test('machines get addresses of the pool, and boot from the gateway', () => {
  const external = {
    subnet: '203.0.113.0/24',
    gateway: '203.0.113.1',
    pool: { start: '203.0.113.50', end: '203.0.113.60' },
  };
  const configuration = fileOf(alone({}, { external }), 'ironic-boot', 'dnsmasq.conf');
  expect(configuration).toContain('dhcp-range=203.0.113.50,203.0.113.60,1h\n');
  expect(configuration).toContain('dhcp-boot=tag:ipxe,http://203.0.113.1:6388/boot.ipxe\n');
  expect(configuration).toContain('interface=test-ex\n');
});

test('machines of two clouds of one node have nothing in common', () => {
  const of = (cloud: string) =>
    virtualMachines({
      cloud,
      settings: {
        baremetal: { standalone: true, virtual: { machines: 2, memory: '1GiB', disk: '8GiB', cpus: 1 } },
      },
    }).map(({ uuid, mac, tap }) => [uuid, mac, tap]);
  const all = [...of('one'), ...of('another'), ...of('a-very-long-name')].flat();
  expect(new Set(all).size).toBe(all.length);
  expect(
    all.filter((value) => /^[0-9a-f:]{17}$/.test(value)).every((mac) => mac.startsWith('52:54:00:')),
  ).toBe(true);
  for (const [, , tap] of of('a-very-long-name')) expect(tap?.length).toBeLessThanOrEqual(15);
});

test('machines have the memory and the disk that cloud.yaml says', () => {
  const virtual = { machines: 1, memory: '1.5GiB', disk: '20GiB', cpus: 2 };
  const { machines } = JSON.parse(fileOf(alone({ virtual }), 'virtual-bmc', 'machines.json'));
  expect(machines).toMatchObject([{ name: 'machine-0', memoryMiB: 1536, diskGiB: 20, cpus: 2 }]);
});

test('Ironic can make nodes of the machines that there are', () => {
  const cloud = alone({ virtual: { machines: 2 } });
  const { machines } = JSON.parse(fileOf(cloud, 'virtual-bmc', 'machines.json'));
  const known = JSON.parse(fileOf(cloud, 'ironic', 'machines.json')) as { name: string; mac: string }[];
  expect(known.map(({ name, mac }) => [name, mac])).toEqual(
    machines.map(({ name, mac }: { name: string; mac: string }) => [name, mac]),
  );
  expect(fileOf(alone({}), 'ironic', 'machines.json')).toBe('');
});

test('what one machine’s engine makes is refused where there is none', () => {
  const baremetal = { standalone: true, virtual: { machines: 1, memory: '1GiB', disk: '8GiB', cpus: 1 } };
  const paths = (hasNodes: boolean, isOn = true) =>
    checkSettings({ baremetal }, { hasNodes, isOn }).map(({ path }) => path.join('.'));
  expect(paths(false)).toEqual([]);
  expect(paths(true)).toEqual(['baremetal.standalone', 'baremetal.virtual.machines']);
  expect(paths(false, false)).toEqual(['baremetal.virtual.machines']);
});
