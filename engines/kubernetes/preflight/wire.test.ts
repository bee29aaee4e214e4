import { expect, test } from 'vitest';
import { parseNetwork } from '../../../src/model/node-network.ts';
import { findOnNodes } from './wire.ts';

/** A node with its own address on eth0 and these further interfaces. */
function node(name: string, own: string, ...others: { ifname: string; address?: string; mtu?: number }[]) {
  const links = [{ ifname: 'eth0', address: own }, ...others].map(({ ifname, address, ...more }) => ({
    ifname,
    link_type: 'ether',
    mtu: 1500,
    flags: ['UP'],
    addr_info: address ? [{ family: 'inet', local: address, scope: 'global' }] : [],
    ...more,
  }));
  return { node: name, address: own, interfaces: parseNetwork([JSON.stringify(links), '', '']) };
}
const wire = {
  process: 'openvswitch',
  name: 'eth1',
  takesAddress: false,
  mtu: undefined,
  pool: { start: '203.0.113.20', end: '203.0.113.40' },
};

test('each node is looked at, and one without the interface is no gateway', () => {
  const nodes = [
    node('one', '10.0.0.1', { ifname: 'eth1' }),
    node('two', '10.0.0.2', { ifname: 'eth1', address: '203.0.113.2' }),
    node('three', '10.0.0.3'),
  ];
  expect(findOnNodes('demo', wire, nodes)).toMatchObject([
    { check: 'external interface', level: 'ok', message: 'three: no eth1 there, so no gateway' },
    { check: 'external interface: one', level: 'ok' },
    { check: 'external interface: two', level: 'error', message: expect.stringContaining('203.0.113.2') },
  ]);
});

test('the card that nodes have their own addresses on is refused on each', () => {
  const nodes = [node('one', '10.0.0.1'), node('two', '10.0.0.2')];
  const found = findOnNodes('demo', { ...wire, name: 'eth0' }, nodes);
  expect(found.map(({ level }) => level)).toEqual(['error', 'error']);
});

test('a cloud whose nodes all lack the interface has no way out', () => {
  expect(findOnNodes('demo', wire, [node('one', '10.0.0.1'), node('two', '10.0.0.2')])).toMatchObject([
    {
      level: 'error',
      message: expect.stringMatching(/^no node can be a gateway: .* \(looked at one, two\)$/),
    },
  ]);
});

test('where nodes are for gateways, one of those must have it, and the others need not', () => {
  const wired = { ifname: 'eth1' };
  const nodes = [node('one', '10.0.0.1', wired), node('two', '10.0.0.2'), node('three', '10.0.0.3')];
  const levels = (...gateways: string[]) =>
    findOnNodes('demo', wire, nodes, gateways).map(({ check, level }) => [check, level]);
  expect(levels('one')).toEqual([['external interface: one', 'ok']]);
  expect(levels('two')).toEqual([
    ['external interface', 'error'],
    ['external interface: one', 'ok'],
  ]);
  // Its switch does not run yet.
  expect(levels('four')).toEqual([
    ['external interface', 'ok'],
    ['external interface: one', 'ok'],
  ]);
});

test('before any switch runs, who looks is said', () => {
  expect(findOnNodes('demo', wire, [])).toMatchObject([
    { level: 'ok', message: expect.stringContaining('the switch of each node looks at it when it starts') },
  ]);
  expect(findOnNodes('demo', { ...wire, name: undefined }, [])).toEqual([]);
});

test('the wire between nodes counts, whether or not there is another', () => {
  const narrow = node('one', '10.0.0.1');
  const [eth0] = narrow.interfaces;
  const interfaces = eth0 ? [{ ...eth0, mtu: 1450 }] : [];
  const found = findOnNodes('demo', { ...wire, name: undefined, mtu: 1500 }, [{ ...narrow, interfaces }]);
  expect(found).toMatchObject([
    { check: 'MTU: one', level: 'error', message: expect.stringContaining('1450') },
  ]);
});
