import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/**
 * In the place of QEMU: a harmless machine that comes as far as `SERIAL` and `FIRMWARE` say, and then does what `THEN`
 * says. Real machines that boot are tried by the suite.
 */
const stub = `#!/bin/bash
for word; do
  case $word in
    file,id=serial,path=*) serial=\${word#*path=} ;;
    file,id=firmware,path=*) firmware=\${word#*path=} ;;
  esac
done
printf "$FIRMWARE" > "$firmware"
printf "$SERIAL" > "$serial"
echo '{"QMP": {"version": {}, "capabilities": []}}'
read -r asked
[ "$asked" = '{"execute": "qmp_capabilities"}' ] || exit 3
echo '{"return": {}}'
event() { echo "{\\"timestamp\\": {\\"seconds\\": 1}, \\"event\\": $1}"; }
eval "$THEN"
`;

const probe = join(import.meta.dirname, 'images/libvirt/sbin/boot-probe');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-probe-'));
  await writeFile(join(directory, 'qemu-system-x86_64'), stub);
  await chmod(join(directory, 'qemu-system-x86_64'), 0o755);
});

afterAll(() => rm(directory, { recursive: true }));

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
  seconds: number;
}

function runProbe(environment: Record<string, string>): Promise<Outcome> {
  const started = performance.now();
  const env = {
    PATH: process.env.PATH,
    TMPDIR: directory,
    PROBE_QEMU: join(directory, 'qemu-system-x86_64'),
    FIRMWARE: firmware,
    SERIAL: '',
    THEN: forever,
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(probe, ['-accel', 'stub'], { env }, (error, stdout, stderr) => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ code: error ? Number(error.code ?? Number.NaN) : 0, stdout, stderr, seconds });
    });
  });
}

const forever = 'exec sleep 300';
const firmware = 'SeaBIOS (version 1.16.3)\\n';
const loader = `${firmware}Booting from Hard Disk...\\nBooting from 0000:7c00\\n`;
const kernel = 'SYSLINUX 6.04\\r\\nLoading vmlinuz... ok\\r\\n[    0.000000] Linux version 6.12\\r\\n';
const init = `${kernel}[    4.9] Run /init as init process\\r\\n`;
const userSpace = `${init}gantry-probe: user space\\r\\n`;
const disk = `${userSpace}[    6.9] virtio_blk virtio1\\r\\ngantry-probe: disk\\r\\n`;
const done = `${disk}gantry-probe: network card\\r\\ngantry-probe: done\\r\\n`;
const internalError =
  'echo "qemu-system-x86_64: warning: host does not support pni" >&2; echo "KVM internal error. Suberror: 1" >&2; ' +
  `echo 'extra data[0]: 0x1' >&2; event '"STOP"'; ${forever}`;

test('a guest that says that it is done, and ends, is all that counts', async () => {
  const { code, stdout, stderr, seconds } = await runProbe({
    FIRMWARE: loader,
    SERIAL: done,
    THEN: `event '"NIC_RX_FILTER_CHANGED"'; event '"SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}'; ${forever}`,
  });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(seconds).toBeLessThan(20);
});

test.each([
  ['firmware', firmware, '', internalError, 'KVM internal error. Suberror: 1'],
  ['boot loader', loader, 'SYSLINUX 6.04\\r\\n', internalError, 'KVM internal error. Suberror: 1'],
  ['kernel', loader, kernel, internalError, 'KVM internal error. Suberror: 1'],
  ['user space', loader, init, `event '"STOP"'; ${forever}`, 'QEMU stopped the guest'],
  [
    'disk',
    loader,
    `${userSpace}gantry-probe: failed: there is no virtio disk\\r\\n`,
    `event '"SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}'; ${forever}`,
    'there is no virtio disk',
  ],
  [
    'network card',
    loader,
    `${disk}gantry-probe: failed: the network card got no answer\\r\\n`,
    `event '"SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}'; ${forever}`,
    'the network card got no answer',
  ],
  [
    'kernel',
    loader,
    `${kernel}[    1.2] Kernel panic - not syncing: Attempted to kill init!\\r\\n`,
    `event '"SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}'; ${forever}`,
    'Kernel panic - not syncing: Attempted to kill init!',
  ],
  ['kernel', loader, kernel, `event '"GUEST_PANICKED"'; ${forever}`, 'the guest panicked'],
  ['boot loader', loader, '', `event '"RESET"'; ${forever}`, 'the guest started again'],
  [
    'firmware',
    '',
    '',
    'echo "qemu-system-x86_64: error: failed to set MSR 0x10a to 0xc000069" >&2; ulimit -c 0; kill -ABRT $$',
    'failed to set MSR 0x10a to 0xc000069',
  ],
  ['firmware', '', '', 'exit 7', 'QEMU ended with exit code 7'],
])(
  'stopped at the %s: what QEMU says ends it at once (%#)',
  async (stage, firmware, serial, then, reason) => {
    const { code, stdout, stderr, seconds } = await runProbe({
      FIRMWARE: firmware,
      SERIAL: serial,
      THEN: then,
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: `stage: ${stage}\nreason: ${reason}\n`,
      stderr: '',
    });
    expect(seconds, 'as soon as it is known').toBeLessThan(20);
  },
);

test('a guest that spins has a limit of processor time, and one that waits one of time', async () => {
  const [spins, waits] = await Promise.all([
    runProbe({ FIRMWARE: loader, SERIAL: kernel, THEN: 'while :; do :; done', PROBE_CPU_SECONDS: '1' }),
    runProbe({ FIRMWARE: loader, SERIAL: kernel, THEN: forever, PROBE_SECONDS: '1' }),
  ]);
  expect(spins.stdout).toBe('stage: kernel\nreason: it was not done after 1 s of processor time\n');
  expect(waits.stdout).toBe('stage: kernel\nreason: nothing more came from it for 1 s\n');
  expect([spins.code, waits.code]).toEqual([1, 1]);
});

test('a guest that comes on slowly has all the time that it needs', async () => {
  const slowly = `for word in user disk; do sleep 0.7; echo "gantry-probe: $word" >> "$serial"; done; ${forever}`;
  const { stdout, seconds } = await runProbe({
    FIRMWARE: loader,
    SERIAL: init,
    THEN: slowly,
    PROBE_SECONDS: '1',
  });
  expect(stdout).toBe('stage: network card\nreason: nothing more came from it for 1 s\n');
  expect(seconds).toBeGreaterThan(2);
});

test('what cannot be started is no machine that boots', async () => {
  const { code, stdout } = await runProbe({ PROBE_QEMU: '/nowhere/qemu' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^stage: firmware\nreason: .*\/nowhere\/qemu.*No such file/);
});
