import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const scripts = join(import.meta.dirname, 'images/openvswitch');
const directory = mkdtempSync(join(tmpdir(), 'start-vswitchd-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What stands in for others' programs: each says what it was told, and the switch's database knows nothing yet. */
const programs = {
  'ovs-vsctl': 'echo "ovs-vsctl $*"; case "$*" in *" get "*) exit 1 ;; esac',
  'ovs-vswitchd': 'echo "ovs-vswitchd"',
  'ovs-dpctl': 'exit 1',
  'name-node': 'true',
  'keep-ports-up': 'true',
  'choose-ovn-gateway': 'echo "choose-ovn-gateway"',
  'feed-pigeons': 'echo "feed-pigeons $datapath/$tunnel_protocol/$tunnel_address/$wired"; exit $grain',
};

interface Node {
  /** Lines of its file that come from the driver. */
  driver: Record<string, string>;
  /** The external network is on it. */
  wired?: boolean;
  /** What an engine with nodes of its own says. */
  address?: string;
}

/** Starts the switch in namespaces of its own, and returns what was done, a line each. */
function start({ driver, wired = true, address }: Node, ...before: string[]) {
  const lines = {
    start_program: '',
    physical_network: 'external',
    external_bridge: 'demo-ex',
    external_wire_outside: 'demo-exo',
    external_wire_inside: 'demo-exi',
    external_interface: '',
    external_take_address: 'false',
    tunnel_protocols: '',
    tunnel_interface: 'demo-tun',
    tunnel_range: '',
    ...driver,
  };
  const script = [
    'set -e',
    // Debian's alternatives are in /etc.
    'awk=$(readlink -f "$(command -v awk)")',
    'mount -t tmpfs none /etc && mkdir /etc/gantry',
    `mount -t tmpfs none ${directory}`,
    `export PATH=${directory}:$PATH:${scripts}`,
    ...Object.entries(programs).map(
      ([name, body]) => `printf '#!/bin/bash\\n%s\\n' '${body}' > "${directory}/${name}"`,
    ),
    `chmod +x ${directory}/* && ln -s "$awk" ${directory}/awk`,
    'export grain=0',
    ...Object.entries(lines).map(([name, value]) => `echo '${name}=${value}' >> /etc/gantry/node.env`),
    'ip link set lo up',
    'ip link add eth0 type veth peer name eth0-wire',
    'ip link set eth0 up && ip link set eth0-wire up',
    'ip address add 192.0.2.7/24 dev eth0',
    ...(wired ? ['ip link add demo-ex type bridge'] : []),
    ...(address === undefined ? [] : [`export GANTRY_NODE_ADDRESS=${address}`]),
    ...before,
    `exec ${scripts}/start-vswitchd`,
  ].join('\n');
  const options = ['--user', '--map-root-user', '--net', '--mount', 'bash', '-c', script];
  const { status, stdout, stderr } = spawnSync('unshare', options, { encoding: 'utf8' });
  return { status, stderr, done: stdout.trim().split('\n') };
}

const canIsolate =
  spawnSync('unshare', [
    ...['--user', '--map-root-user', '--net', '--mount', 'bash', '-c'],
    'mount -t tmpfs none /mnt && ip link add eth0 type veth peer name eth1',
  ]).status === 0;

const ovn = {
  southbound: '192.0.2.9:6642',
  start_program: 'tell-ovn-controller',
  tunnel_protocols: 'geneve,vxlan',
};
const pigeons = { start_program: 'feed-pigeons', tunnel_protocols: 'vxlan' };
const settings = (remote: string, address: string) =>
  `ovs-vsctl --no-wait set open_vswitch . external-ids:ovn-remote=${remote} external-ids:ovn-bridge=br-int ` +
  'external-ids:ovn-bridge-datapath-type=netdev external-ids:ovn-encap-type=geneve ' +
  `external-ids:ovn-encap-ip=${address} external-ids:ovn-monitor-all=true`;

describe.skipIf(!canIsolate)('the switch of a node starts', () => {
  test('as it is where the driver has nothing to say', () => {
    const { status, stderr, done } = start({ driver: {} });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(done.at(-1)).toBe('ovs-vswitchd');
    expect(done.filter((line) => line.includes('ovn') || line.includes('encap'))).toEqual([]);
  });

  test('with the program of the driver, which is told of the node before there is a bridge', () => {
    const { done } = start({ driver: pigeons, address: '192.0.2.7' });
    expect(done).toContain('feed-pigeons netdev/vxlan/192.0.2.7/yes');
    const added = done.findIndex((line) => line.includes('add-br'));
    expect(done.indexOf('feed-pigeons netdev/vxlan/192.0.2.7/yes')).toBeLessThan(added);
    expect(start({ driver: pigeons, wired: false }).done).toContain('feed-pigeons netdev/vxlan//');
  });

  test('not where that fails', () => {
    const { status, done } = start({ driver: pigeons }, 'export grain=3');
    expect(status).toBe(3);
    expect(done).not.toContain('ovs-vswitchd');
  });

  test('with an address for tunnels of its own in user space, where there are other nodes', () => {
    const driver = { ...pigeons, tunnel_range: '198.18.0.0/16' };
    // What follows is read from the files of the machine's own interfaces.
    const { done } = start({ driver, address: '192.0.2.7' });
    expect(done).toContain('feed-pigeons netdev/vxlan/198.18.2.7/yes');
  });

  test('and OVN is told where the databases are, and how to get to this node', () => {
    const { done } = start({ driver: ovn });
    // This side of the way to the database.
    expect(done).toContain(settings('tcp:192.0.2.9:6642', '192.0.2.7'));
    expect(done).toContain(
      'ovs-vsctl --no-wait set open_vswitch . external-ids:ovn-bridge-mappings=external:br-ex',
    );
    const chosen = done.indexOf('choose-ovn-gateway');
    expect(chosen).toBeGreaterThan(done.findIndex((line) => line.includes('ovn-bridge-mappings')));
    expect(chosen).toBeLessThan(done.findIndex((line) => line.includes('add-br')));
  });

  test('and OVN is told the names of several databases, and what the engine calls this node', () => {
    const driver = { ...ovn, southbound: 'localhost:6642,ovn-sb-1:6642' };
    const { done } = start({ driver, address: '192.0.2.8' });
    expect(done).toContain(settings('tcp:localhost:6642,tcp:ovn-sb-1:6642', '192.0.2.8'));
  });

  test('and OVN takes a node that is not wired for no gateway', () => {
    expect(start({ driver: ovn, wired: false }).done).toContain(
      'ovs-vsctl --no-wait remove open_vswitch . external-ids ovn-bridge-mappings',
    );
  });
});
