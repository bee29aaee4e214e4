import { expect, it } from 'vitest';
import { letsIn, type SecurityGroupRule } from './network.ts';

const rule: SecurityGroupRule = {
  id: 'r',
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 'tcp',
  port_range_min: 22,
  port_range_max: 22,
  remote_group_id: null,
  remote_ip_prefix: null,
};

it.each<[string, Partial<SecurityGroupRule>, boolean]>([
  ['the port alone', {}, true],
  ['the port by the number of its protocol', { protocol: '6' }, true],
  ['a range with the port in it', { port_range_min: 1, port_range_max: 1024 }, true],
  ['all ports of the protocol', { port_range_min: null, port_range_max: null }, true],
  ['everything', { protocol: null, port_range_min: null, port_range_max: null }, true],
  ['from anywhere, said as a range', { remote_ip_prefix: '0.0.0.0/0' }, true],
  ['another port', { port_range_min: 80, port_range_max: 80 }, false],
  ['another protocol', { protocol: 'udp' }, false],
  ['what goes out', { direction: 'egress' }, false],
  ['IPv6', { ethertype: 'IPv6' }, false],
  ['members of a group', { remote_group_id: 'g' }, false],
  ['one range', { remote_ip_prefix: '10.0.0.0/8' }, false],
])('a rule for %s', (_, changes, lets) => {
  expect(letsIn({ ...rule, ...changes }, { protocol: 'tcp', port: 22 })).toBe(lets);
});
