import { expect, test } from 'vitest';
import { parseNetwork } from '../model/node-network.ts';
import { checkExternalInterface, checkMtu, checkPool, type WantedWire } from './external-interface.ts';

const link = (ifname: string, more: object = {}) => ({
  ifname,
  link_type: 'ether',
  mtu: 1500,
  flags: ['UP'],
  addr_info: [{ family: 'inet6', local: 'fe80::1', scope: 'link' }],
  ...more,
});
const inet = (local: string) => ({ family: 'inet', local, scope: 'global' });
const autoconfigured = { family: 'inet6', local: '2001:db8::5', scope: 'global', dynamic: true };

/** A machine as `ip` tells of it. */
const interfaces = parseNetwork([
  JSON.stringify([
    link('lo', { link_type: 'loopback', addr_info: [{ family: 'inet', local: '127.0.0.1', scope: 'host' }] }),
    link('eth0', { addr_info: [inet('192.0.2.2')] }),
    link('eth1', { flags: [] }),
    link('eth2', { mtu: 1400 }),
    link('eth3', { addr_info: [autoconfigured] }),
    link('eth4', {
      master: 'ovs-system',
      addr_info: [autoconfigured],
      linkinfo: { info_slave_kind: 'openvswitch' },
    }),
    link('eth5', { master: 'bond0' }),
    link('eth6', { addr_info: [] }),
    link('bond0', {
      linkinfo: { info_kind: 'bond' },
      addr_info: [inet('198.51.100.7'), inet('198.51.100.8')],
    }),
    link('eth2.100', { linkinfo: { info_kind: 'vlan' } }),
    link('docker0', { linkinfo: { info_kind: 'bridge' }, addr_info: [inet('172.17.0.1')] }),
    link('br-0123456789ab', { linkinfo: { info_kind: 'bridge' } }),
    link('vetha1b2c3', { linkinfo: { info_kind: 'veth' }, master: 'docker0' }),
    link('wg0', { linkinfo: { info_kind: 'wireguard' }, link_type: 'none' }),
    link('demo-ex', { linkinfo: { info_kind: 'bridge' } }),
    link('br-int', { linkinfo: { info_kind: 'openvswitch' } }),
  ]),
  JSON.stringify([
    { dst: 'default', dev: 'eth0' },
    { dst: '192.0.2.0/24', dev: 'eth0' },
    { dst: '203.0.113.0/24', nexthops: [{ dev: 'eth6' }, { dev: 'eth0' }] },
  ]),
  JSON.stringify([
    { dst: 'fe80::/64', dev: 'eth1' },
    { dst: '2001:db8::/64', dev: 'eth4' },
    { dst: 'default', dev: 'eth4' },
  ]),
]);
const machine = {
  cloud: 'demo',
  interfaces,
  bridges: new Map([
    ['docker0', 'bridge'],
    ['br-0123456789ab', 'shop_default'],
  ]),
};
const pool = { start: '203.0.113.20', end: '203.0.113.40' };
const wanted = (name: string, more: Partial<WantedWire> = {}): WantedWire => ({
  process: 'openvswitch',
  name,
  takesAddress: false,
  mtu: undefined,
  pool,
  ...more,
});
const look = (name: string, more: Partial<WantedWire> = {}) =>
  checkExternalInterface(wanted(name, more), machine)[0];

test.each([
  [
    'eth0',
    /^eth0 carries the default route and 192\.0\.2\.2: as a port of the switch it would cut the machine off/,
  ],
  ['bond0', /carries 198\.51\.100\.7 and 198\.51\.100\.8/],
  ['eth3', /carries 2001:db8::5/],
  ['eth6', /carries the route to 203\.0\.113\.0\/24/],
  ['lo', /is the loopback/],
  ['docker0', /is the bridge of the engine's network bridge/],
  ['br-0123456789ab', /is the bridge of the engine's network shop_default/],
  ['vetha1b2c3', /is a port of docker0 already/],
  ['eth5', /is a port of bond0 already/],
  ['wg0', /is no Ethernet interface \(wireguard\)/],
  ['demo-ex', /is one of the cloud's own/],
  ['br-int', /is one of the cloud's own/],
  ['eth9', /^there is no interface eth9$/],
])('%s is refused, with what could be taken instead', (name, reason) => {
  expect(look(name)).toMatchObject({
    level: 'error',
    message: expect.stringMatching(reason),
    next: expect.stringContaining('Free are eth1 (down), eth2, eth4, eth2.100.'),
  });
});

test('an interface that nobody uses is taken, and one that the switch has already', () => {
  for (const name of ['eth1', 'eth2', 'eth2.100', 'eth4']) expect(look(name)?.level).toBe('ok');
  expect(checkExternalInterface({ ...wanted('x'), name: undefined }, machine)).toEqual([]);
});

test('a VLAN that is not there is told from a name that is none', () => {
  expect(look('eth1.100')).toMatchObject({
    level: 'error',
    message: 'there is no eth1.100; eth1, which the VLAN would be on, is there',
    next: expect.stringContaining('ip link add link eth1 name eth1.100 type vlan id 100'),
  });
  expect(look('eth9.100')?.message).toBe('there is no interface eth9.100');
});

test('who moves the addresses knowingly may have the interface, but never the loopback or a bridge', () => {
  expect(look('eth0', { takesAddress: true })).toMatchObject({
    level: 'warning',
    message: expect.stringContaining('the default route and 192.0.2.2'),
  });
  for (const name of ['lo', 'docker0', 'eth5'])
    expect(look(name, { takesAddress: true })?.level).toBe('error');
});

test('packets must fit the narrowest wire, also those of the default size', () => {
  const wires = [
    { name: 'eth1', mtu: 9000 },
    { name: 'eth2', mtu: 1400 },
  ];
  expect(checkMtu({ mtu: 1400 }, wires)).toEqual([]);
  expect(checkMtu({ mtu: 9000 }, wires)).toMatchObject([
    { level: 'error', message: expect.stringContaining('eth2 carries packets of at most 1400 bytes') },
  ]);
  expect(checkMtu({ mtu: undefined }, wires)).toMatchObject([
    { level: 'warning', next: expect.stringContaining('1400') },
  ]);
  expect(checkMtu({ mtu: 9000 }, [])).toEqual([]);
});

test("floating IPs are not the machine's own addresses", () => {
  expect(checkPool({ pool }, machine)).toEqual([]);
  const taken = { start: '192.0.2.1', end: '192.0.2.9' };
  expect(checkPool({ pool: taken }, machine)).toMatchObject([
    { level: 'error', message: '192.0.2.1 to 192.0.2.9 holds 192.0.2.2, which the machine has on eth0' },
  ]);
});
