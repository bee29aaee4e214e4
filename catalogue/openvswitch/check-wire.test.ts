import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const script = join(import.meta.dirname, 'images/openvswitch/check-wire');

/** Runs commands in a network namespace of their own: no interface of this machine is in it. */
function inNamespace(...commands: string[]) {
  const text = ['set -e', ...commands].join('\n');
  return spawnSync('unshare', ['--user', '--map-root-user', '--net', 'bash', '-c', text], {
    encoding: 'utf8',
  });
}

const canIsolate = inNamespace('ip link add eth0 type veth peer name eth1').status === 0;

/** Interfaces as a machine's are, of which eth1 is free. */
const machine = [
  'ip link add eth0 type veth peer name eth0-wire',
  'ip link add eth1 type veth peer name eth1-wire',
  'ip link add eth2 type veth peer name eth2-wire',
  'ip link add br0 type bridge',
  'ip link set eth2 master br0',
  'for one in lo eth0 eth0-wire eth1 eth1-wire; do ip link set $one up; done',
  'ip address add 192.0.2.2/24 dev eth0',
  'ip route add default via 192.0.2.1',
];
const check = (...args: string[]) => `${script} ${args.join(' ')}`;

describe.skipIf(!canIsolate)('the last defence of a node, where the switch starts', () => {
  test.each([
    ['eth0', 'carries the default route of this node'],
    ['lo', 'is the loopback'],
    ['eth2', 'is a port of br0 already'],
  ])('refuses %s', (name, reason) => {
    const { status, stdout } = inNamespace(...machine, check(name, 'false'));
    expect(stdout).toContain(`${name} ${reason}: it does not become a port of the switch`);
    // Pairs to other namespaces are nothing to attach a network to.
    expect(stdout).toMatch(/^Free on this node: none$/m);
    expect(status).toBe(1);
  });

  test('refuses an address without a route, of either kind', () => {
    for (const address of ['198.51.100.7/24', '2001:db8::7/64']) {
      const { status, stdout } = inNamespace(
        ...machine,
        `ip address add ${address} dev eth1`,
        check('eth1', 'false'),
      );
      expect(stdout).toContain(`eth1 carries the address ${address} of this node`);
      expect(status).toBe(1);
    }
  });

  test('takes an interface that nobody uses, and any that is given knowingly', () => {
    const { status, stdout } = inNamespace(...machine, check('eth1', 'false'), check('eth0', 'true'));
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  test('takes back a port that has got an address by announcements meanwhile, but not one of IPv4', () => {
    const given = [...machine, 'ip address add 2001:db8::7/64 dev eth1'];
    expect(inNamespace(...given, check('eth1', 'false', 'yes')).status).toBe(0);
    const own = inNamespace(...machine, check('eth0', 'false', 'yes'));
    expect(own.stdout).toContain('carries the default route');
  });
});
