import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';

const scripts = join(import.meta.dirname, 'images/openvswitch');
const directory = mkdtempSync(join(tmpdir(), 'choose-ovn-gateway-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The switch's database as a directory, a file for each external id; the southbound one as a file with its gateways. */
const programs = {
  'ovs-vsctl': `case "$*" in
  "--no-wait --if-exists get open_vswitch . external-ids:"*) cat "$state/\${6#*:}" 2>/dev/null || true ;;
  "--no-wait set open_vswitch . external-ids:"*) pair=\${5#*:}; echo "\${pair#*=}" > "$state/\${pair%%=*}" ;;
  "--no-wait remove open_vswitch . external-ids "*) rm -f "$state/$6" ;;
  *) echo "unknown: $*"; exit 1 ;;
esac`,
  'ovn-sbctl': `case "$*" in
  *"--db=tcp:192.0.2.9:6642 "*" --columns=hostname find chassis other_config:ovn-cms-options=enable-chassis-as-gw") cat "$state/gateways" ;;
  *) echo "unknown: $*"; exit 1 ;;
esac`,
};

interface Node {
  wired?: boolean;
  gateway?: boolean;
  /** What the list names; undefined where an engine gives none. */
  listed?: string[];
}

/** Chooses on a node called n1.example.org; `then` are commands that run after it. Returns what its gateway option says. */
async function choose({ wired = true, gateway = false, listed }: Node, ...then: string[]): Promise<string> {
  const script = [
    'set -e',
    'mount -t tmpfs none /etc && mkdir /etc/gantry',
    `mount -t tmpfs none ${directory} && mkdir ${directory}/bin ${directory}/state`,
    `export PATH=${directory}/bin:$PATH state=${directory}/state GANTRY_NODE_NAME=n1.example.org`,
    ...Object.entries(programs).map(
      ([name, body]) => `printf '#!/bin/bash\\n%s\\n' '${body}' > "${directory}/bin/${name}"`,
    ),
    `chmod +x ${directory}/bin/*`,
    "echo 'southbound=192.0.2.9:6642' > /etc/gantry/node.env",
    'touch $state/gateways',
    ...(wired ? ['echo external:br-ex > $state/ovn-bridge-mappings'] : []),
    ...(gateway ? ['echo enable-chassis-as-gw > $state/ovn-cms-options'] : []),
    ...(listed ? [`printf '%s\\n' ${listed.join(' ')} | sed /^$/d > /etc/gantry/gateways`] : []),
    `${scripts}/choose-ovn-gateway`,
    ...then,
    'cat $state/ovn-cms-options 2>/dev/null || true',
  ].join('\n');
  // What the program leaves in the background ends with its namespace of processes.
  const isolated = ['--user', '--map-root-user', '--mount', '--pid', '--fork'];
  const child = spawn('unshare', [...isolated, 'bash', '-c', script]);
  const [status, stdout, stderr] = await Promise.all([
    new Promise((resolve, reject) => child.on('error', reject).on('close', resolve)),
    text(child.stdout),
    text(child.stderr),
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.trim();
}

const canIsolate =
  spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'])
    .status === 0;
/** It looks every two seconds; on a busy machine that takes longer. */
const untilNone = 'for _ in $(seq 200); do [ -e $state/ovn-cms-options ] || break; sleep 0.1; done';
const isGateway = 'enable-chassis-as-gw';

// They wait more than they work.
describe.skipIf(!canIsolate).concurrent('a node', () => {
  test.each<[string, Node, string]>([
    ['that is wired is a gateway where no list is given', {}, isGateway],
    ['that is wired is a gateway where nobody is listed', { listed: [] }, isGateway],
    ['that is listed is one', { listed: ['n0', 'n1.example.org'] }, isGateway],
    ['that is not listed becomes none', { listed: ['n1', 'n1.example.org.uk'] }, ''],
    ['that is listed but not wired is none', { listed: ['n1.example.org'], wired: false, gateway: true }, ''],
  ])('%s', async (_, node, option) => {
    expect(await choose(node)).toBe(option);
  });

  test('that is not listed any more stays a gateway until one of the list is', async () => {
    const node = { gateway: true, listed: ['n2.example.org'] };
    expect(await choose(node)).toBe(isGateway);
    // It is itself one of those that OVN knows, and so is another that is to stop.
    expect(await choose(node, 'printf "%s\\n" n1.example.org n3 > $state/gateways; sleep 3')).toBe(isGateway);
    for (const name of ['n2.example.org', 'n2']) {
      expect(await choose(node, `echo ${name} > $state/gateways`, untilNone)).toBe('');
    }
  });

  test('stays a gateway that is listed again before another is one', async () => {
    const node = { gateway: true, listed: ['n2'] };
    const again = 'echo n1.example.org > /etc/gantry/gateways; sleep 3; echo n2 > $state/gateways; sleep 3';
    expect(await choose(node, again)).toBe(isGateway);
  });
});
