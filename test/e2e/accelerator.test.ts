import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildForSuite } from './built-images.ts';
import { report } from './parts/cloud.ts';

/**
 * How libvirt's container finds out what servers run with, tried with emulation in place of KVM: the same guest, on the
 * machine and with the processor that libvirt chooses. No test depends on what KVM does on this machine.
 */
const run = promisify(execFile);
const answerFile = '/run/libvirt/gantry-accelerator';
const options = ['-machine', 'pc', '-accel', 'tcg', '-m', '128'];
/** A busy machine gives processor time slowly. */
const patient = { PROBE_CPU_SECONDS: '120', PROBE_SECONDS: '120' };
/** A boot sector that halts with interrupts off: cli; hlt; jmp $-1 */
const haltingSector = String.raw`{ printf '\372\364\353\375'; head -c 506 /dev/zero; printf '\125\252'; head -c 1M /dev/zero; }`;

let container: string;

beforeAll(async () => {
  const { libvirt: image } = await buildForSuite('accelerator', ['libvirt']);
  const { stdout } = await run('docker', ['run', '--detach', image, 'sleep', 'infinity']);
  container = stdout.trim();
  // As rendered for a cloud, but without virtlogd.
  const configuration = 'user = "nova"\ngroup = "nova"\nstdio_handler = "file"\nsecurity_driver = "none"\n';
  await shell(`install -d /etc/gantry; printf '${configuration}' > /etc/gantry/qemu.conf`);
  await shell('libvirtd --daemon --pid-file /tmp/libvirtd.pid');
});

afterAll(async () => {
  if (container) await run('docker', ['rm', '--force', '--volumes', container]);
});

interface Outcome {
  code: number;
  stdout: string;
}

async function attempt(command: string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  try {
    const { stdout } = await run('docker', ['exec', ...variables, container, ...command]);
    return { code: 0, stdout };
  } catch (thrown) {
    const { code, stdout } = thrown as Outcome;
    return { code, stdout };
  }
}

async function shell(script: string): Promise<string> {
  const { stdout } = await run('docker', ['exec', container, 'bash', '-euc', script]);
  return stdout;
}

/** What a container finds that starts with this answer, kept by one before it, and with a device of that name. */
async function recall(kept: string): Promise<Outcome> {
  await shell(`[ -e /dev/kvm ] || mknod /dev/kvm c 10 232; printf '%s' '${kept}' > ${answerFile}`);
  return attempt(['find-accelerator', 'recall', 'auto']);
}

describe('the guest that tries a machine', () => {
  it('boots to its end, and the answer is kept for this boot, kernel and QEMU', async () => {
    const started = performance.now();
    expect(await attempt(['find-accelerator', 'try', 'qemu'], patient)).toEqual({
      code: 0,
      stdout: 'servers run with qemu\n',
    });
    report(`the guest took ${((performance.now() - started) / 1000).toFixed(1)} s with emulation`);
    const answer = await shell(`cat ${answerFile}`);
    expect(answer).toMatch(
      /^type: qemu\nfor: .+; .*; QEMU emulator version .+; probe \d+\nboot: [0-9a-f-]{36}\n$/,
    );

    const works = answer.replace('qemu', 'kvm');
    expect(await recall(works)).toEqual({ code: 0, stdout: 'servers run with kvm\n' });
    expect(await shell('stat -c %U /dev/kvm'), 'guests run as').toBe('nova\n');
    const fails = answer.replace('\n', '\nstage: kernel\nreason: KVM internal error. Suberror: 1\n');
    expect(await recall(fails)).toEqual({
      code: 0,
      stdout:
        'servers run with qemu: no guest boots with KVM here, it stopped at the kernel: KVM internal error. Suberror: 1\n',
    });
    expect(await shell('ls /dev'), 'a device of no use').not.toMatch(/^kvm$/m);

    for (const [part, other] of [
      [/(?<=boot: )./, 'x'],
      [/(?<=for: )[^;]+/, '1.2.3'],
      [/(?<=QEMU emulator version )\d+/, '1'],
      [/(?<=probe )\d+/, '1'],
    ] as const) {
      const kept = works.replace(part, other);
      expect(kept).not.toBe(works);
      expect(await recall(kept), kept).toEqual({ code: 1, stdout: '' });
      expect(await shell(`cat ${answerFile} || echo gone`)).toBe('gone\n');
    }
  });

  it.each([
    ['network card', 'there is no virtio network card', { PROBE_CARD: 'e1000', ...patient }],
    ['boot loader', 'nothing more came from it for 3 s', { PROBE_DISK: '/tmp/halting', PROBE_SECONDS: '3' }],
    ['firmware', 'nothing more came from it for 3 s', { PROBE_DISK: '/tmp/empty', PROBE_SECONDS: '3' }],
  ])('that stops at the %s says so', async (stage, reason, environment) => {
    await shell(`${haltingSector} > /tmp/halting; truncate -s 1M /tmp/empty`);
    expect(await attempt(['boot-probe', ...options], environment)).toEqual({
      code: 1,
      stdout: `stage: ${stage}\nreason: ${reason}\n`,
    });
  });

  it("gives libvirt's words where that makes no guest with KVM", async () => {
    const { code, stdout } = await attempt(['find-accelerator', 'try', 'kvm']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^servers run with qemu: libvirt: .*kvm/);
    expect(await shell(`cat ${answerFile}`)).toMatch(/^type: qemu\nreason: libvirt: .+\nfor: /);
  });

  it('is not booted where there is no device, or cloud.yaml wants emulation', async () => {
    await shell('rm -f /dev/kvm');
    const without = await attempt(['find-accelerator', 'recall', 'auto']);
    expect(without).toEqual({ code: 0, stdout: 'servers run with qemu: there is no /dev/kvm\n' });
    const unwanted = await attempt(['find-accelerator', 'recall', 'qemu']);
    expect(unwanted).toEqual({ code: 0, stdout: 'servers run with qemu: compute.virtType in cloud.yaml\n' });
  });
});
