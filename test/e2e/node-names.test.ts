import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkHostName } from '../../engines/docker/checks.ts';
import { buildForSuite } from './built-images.ts';

/** What a node is called by what registers itself under its name, on machines with names of all kinds. */
const volume = `gantry-node-names-${process.pid}`;
let images: Record<'openvswitch' | 'libvirt' | 'neutron', string>;

beforeAll(async () => {
  images = await buildForSuite('node-names', ['openvswitch', 'libvirt', 'neutron']);
});

afterEach(() => docker('volume', 'rm', '--force', volume));

async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)('docker', args, { timeout: 60_000 })).stdout.trim();
}

interface Machine {
  hostName: string;
  /** What an engine with nodes of its own calls it. */
  nodeName?: string;
}

/** Runs a script of an image on a machine of that name; what it keeps is on one disk throughout a test. */
function runOn(
  { hostName, nodeName }: Machine,
  image: string,
  keeps: string,
  script: string,
): Promise<string> {
  const environment = nodeName === undefined ? [] : ['--env', `GANTRY_NODE_NAME=${nodeName}`];
  const options = ['--rm', '--user', '0:0', '--cap-add', 'SYS_ADMIN', '--hostname', hostName, ...environment];
  return docker('run', ...options, '--volume', `${volume}:${keeps}`, image, 'bash', '-euc', script);
}

describe('the switch', () => {
  /** What OVN is told, and what the node's other containers read. */
  const nameOf = (machine: Machine, before = 'true') =>
    runOn(
      machine,
      images.openvswitch,
      '/var/lib/openvswitch',
      `start-ovsdb & for i in {1..100}; do [ ! -S /run/openvswitch/db.sock ] || break; sleep 0.1; done
       ${before}; name-node; ovs-vsctl get open_vswitch . external-ids:hostname; cat /run/openvswitch/gantry-node-name`,
    );

  test('names a node by its whole host name, and goes on when the machine is renamed', async () => {
    expect(await nameOf({ hostName: 'Vm.Example.org' })).toBe('Vm.Example.org\nVm.Example.org');
    expect(await nameOf({ hostName: 'other.example.org' })).toBe('Vm.Example.org\nVm.Example.org');
  });

  test('leaves a node that is there its name', async () => {
    const before = 'ovs-vsctl --no-wait init -- set open_vswitch . external-ids:hostname=vm';
    expect(await nameOf({ hostName: 'vm.example.org' }, before)).toBe('vm\nvm');
  });

  test('names a node as the cluster does, also where that looks like a number', async () => {
    const nodeName = '10-27-0-12.rack-2.example.org';
    expect(await nameOf({ hostName: 'localhost', nodeName })).toBe(`"${nodeName}"\n${nodeName}`);
  });
});

describe('the hypervisor', () => {
  /** What libvirtd sees, and the container's own name after it. */
  const namesOf = (machine: Machine, before = 'true') =>
    runOn(machine, images.libvirt, '/var/lib/libvirt', `${before}; keep-host-name uname -n; uname -n`);

  test('has the host name that it had at first', async () => {
    expect(await namesOf({ hostName: 'Vm.Example.org' })).toBe('Vm.Example.org\nVm.Example.org');
    expect(await namesOf({ hostName: 'other.example.org' })).toBe('Vm.Example.org\nother.example.org');
  });

  test("has the node's name on a cluster, unless Nova knows it by another", async () => {
    const machine = { hostName: 'localhost', nodeName: 'node.rack-2.example.org' };
    expect(await namesOf(machine)).toBe('node.rack-2.example.org\nlocalhost');
    const known = 'rm /var/lib/libvirt/gantry-host-name; touch /var/lib/nova/compute_id';
    expect(await namesOf(machine, known)).toBe('localhost\nlocalhost');
  });
});

test('doctor refuses the host names that OpenStack does', async () => {
  const long = 'a'.repeat(63);
  const names = [
    'vm',
    'Vm.Example.org',
    'VM',
    '10-0-0-1.eu-west-1.compute.internal',
    'localhost.localdomain',
    // 64 characters, as many as Linux allows, in parts and in one.
    `node.${'rack.'.repeat(10)}example1`,
    `${long}a`,
    long,
    'my_host',
    'node.42',
    '12345',
    '42.node',
    '-vm',
    'vm-',
    'vm..org',
  ];
  const script = [
    'import sys',
    'from oslo_config import types',
    'def takes(name):',
    '    for kind in (types.HostAddress(), types.HostDomain()):',
    '        try: kind(name)',
    '        except ValueError: return False',
    '    return True',
    'print("\\n".join(name for name in sys.argv[1:] if takes(name)))',
  ].join('\n');
  const taken = await docker('run', '--rm', images.neutron, 'python3', '-c', script, ...names);
  expect(taken.split('\n')).toEqual(names.filter((name) => checkHostName(name).level === 'ok'));
  expect(taken.split('\n')).toContain('Vm.Example.org');
});
