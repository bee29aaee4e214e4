import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { Ironic, LOOK_MS, serveFile } from './bare-metal.ts';
import { buildForSuite } from './built-images.ts';
import { waitUntil } from './gantry.ts';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';

/** A machine without an operating system becomes a server, and a machine again, by Ironic alone. */
const cloud = 'e2eironicall';
const group = useGroupCloud(
  cloud,
  `
baremetal: {standalone: true, virtual: {machines: 1}}
network: {internal: 10.233.28.0/24, external: {subnet: 10.233.29.0/24}}
`,
);
const ADDRESS = '10.233.29.1';
const MACHINE = 'machine-0';
/** Of what needs the machine to boot, or its disk to be written: emulated, on a busy machine. */
const BOOT_MS = 600_000;

const run = promisify(execFile);
const open = () => Ironic.open(group().gantry, ADDRESS);
let closeFile = () => {};
afterAll(() => closeFile());

const onMachines = (...command: string[]) => group().gantry.output('exec', 'virtual-bmc', '--', ...command);
const console = () => onMachines('cat', `/var/lib/ironic/machines/${MACHINE}/console.log`);

/** The first 64 KiB of the machine's disk, in hexadecimal. */
const diskStart = async () => {
  const disk = `/var/lib/ironic/machines/${MACHINE}/disk.qcow2`;
  await onMachines('qemu-img', 'dd', '-U', '-O', 'raw', 'bs=64K', 'count=1', `if=${disk}`, 'of=/tmp/start');
  return onMachines('sh', '-c', 'od -An -v -tx1 /tmp/start | tr -d " \\n"');
};

describe('a machine', () => {
  testComing(group);

  test('is inspected by the agent that it boots from the network', async () => {
    const api = await open();
    await expectDone(group(), 'exec', 'ironic', '--', 'enrol-machines');
    const node = await api.bring(MACHINE, 'inspect', 'manageable', BOOT_MS);
    expect(node.properties.cpu_arch).toBe('x86_64');
    expect(Number(node.properties.memory_mb)).toBe(1024);
    const { inventory } = await api.call<{ inventory: { interfaces: { mac_address: string }[] } }>(
      'GET',
      `/v1/nodes/${MACHINE}/inventory`,
    );
    expect(inventory.interfaces.map(({ mac_address }) => mac_address)).toEqual([await api.macOf(MACHINE)]);
  });

  test('is cleaned, and available', async () => {
    const api = await open();
    await api.bring(MACHINE, 'provide', 'available', BOOT_MS);
  });

  test('becomes a server with a name, a key and a program of its own', async () => {
    const api = await open();
    const { gantry, directory } = group();
    const { guest } = await buildForSuite('ironic', ['guest']);
    const image = join(directory, 'guest.qcow2');
    const { stdout: id } = await run('docker', ['create', guest]);
    await run('docker', ['cp', `${id.trim()}:/guest/gantry-guest.qcow2`, image]);
    await run('docker', ['rm', id.trim()]);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')]);
    const { url, close } = await serveFile(image, ADDRESS);
    closeFile = close;
    await api.patch(MACHINE, [
      { op: 'add', path: '/instance_info/image_source', value: url },
      {
        op: 'add',
        path: '/instance_info/image_checksum',
        value: createHash('sha256')
          .update(await readFile(image))
          .digest('hex'),
      },
    ]);
    await api.bring(MACHINE, 'active', 'active', BOOT_MS, {
      configdrive: {
        meta_data: {
          uuid: '6b0a3f2e-0000-4000-8000-000000000001',
          hostname: 'metal',
          public_keys: { key: (await readFile(join(directory, 'key.pub'), 'utf8')).trim() },
        },
        user_data: '#!/bin/sh\necho user-data of bare metal\n',
      },
    });
    const text = await waitUntil('the server has started', BOOT_MS, async () => {
      await sleep(LOOK_MS);
      const shown = await console();
      return shown.includes('instance ready') ? shown : undefined;
    });
    expect(text).toContain('user-data of bare metal');
    const leases = await gantry.output('exec', 'ironic-boot', '--', 'cat', '/var/lib/misc/dnsmasq.leases');
    const mac = await api.macOf(MACHINE);
    const lines = leases.split('\n').filter((line) => line.includes(mac));
    const address = lines.at(-1)?.split(' ')[2];
    const { stdout } = await run('ssh', [
      ...['-F', '/dev/null', '-i', join(directory, 'key'), '-o', 'StrictHostKeyChecking=no'],
      ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20'],
      ...['-o', 'LogLevel=ERROR', `gantry@${address}`, 'hostname'],
    ]);
    expect(stdout.trim()).toBe('metal');
    expect((await diskStart()).slice(1020, 1024)).toBe('55aa');
  });

  test('is a machine again, whose disk shows nothing of it', async () => {
    const api = await open();
    await api.bring(MACHINE, 'deleted', 'available', BOOT_MS);
    expect(await diskStart()).toMatch(/^0+$/);
  });

  testGoing(group);
});
