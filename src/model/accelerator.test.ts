import { expect, test } from 'vitest';
import { checkAccelerators, checkUntried, parseAccelerator } from './accelerator.ts';

const stopped =
  'type: qemu\nstage: boot loader\nreason: KVM internal error. Suberror: 1\nboot: 13bb\nfor: 6.18\n';

test('what libvirt wrote is read whole, a colon in the reason included', () => {
  expect(parseAccelerator('type: kvm\nfor: 6.18; AMD EPYC\nboot: 13bb\n')).toEqual({ type: 'kvm' });
  expect(parseAccelerator(stopped)).toEqual({
    type: 'qemu',
    stage: 'boot loader',
    reason: 'KVM internal error. Suberror: 1',
  });
  expect(parseAccelerator('type: qemu\nreason: compute.virtType in cloud.yaml\ntried: no\n')?.untried).toBe(
    true,
  );
});

test.each(['', 'type: \n', 'type: xen\n', 'reason: nobody knows\n'])('%j is no answer', (text) => {
  expect(parseAccelerator(text)).toBeUndefined();
});

const kvm = { type: 'kvm' } as const;
const qemu = { type: 'qemu', stage: 'firmware', reason: 'no memory' } as const;
const noDevice = { type: 'qemu', reason: 'there is no /dev/kvm' } as const;
const untried = { type: 'qemu', reason: 'compute.virtType in cloud.yaml', untried: true } as const;

test.each([
  ['auto', kvm, 'ok', 'kvm', 'a guest boots with KVM'],
  ['auto', qemu, 'warning', 'qemu', 'it stopped at the firmware: no memory; servers are emulated'],
  ['auto', noDevice, 'warning', 'qemu', 'there is no /dev/kvm; servers are emulated'],
  ['auto', undefined, 'ok', 'decided at `up`', 'not found out yet'],
  ['auto', untried, 'ok', 'decided at `up`', 'not tried yet'],
  ['kvm', kvm, 'ok', 'kvm', 'a guest boots with KVM'],
  [
    'kvm',
    qemu,
    'error',
    undefined,
    'is kvm, and no guest boots with KVM, it stopped at the firmware: no memory',
  ],
  ['kvm', noDevice, 'error', undefined, 'is kvm, and there is no /dev/kvm'],
  ['kvm', untried, 'ok', '`up` fails', 'not tried yet'],
  ['qemu', kvm, 'ok', 'qemu', 'compute.virtType in cloud.yaml'],
  ['qemu', qemu, 'ok', 'qemu', 'compute.virtType in cloud.yaml'],
  ['qemu', untried, 'ok', 'qemu', 'compute.virtType in cloud.yaml'],
] as const)('with %s wanted, %j is found: %s, %s', (wanted, found, level, choice, message) => {
  const [finding] = checkAccelerators([{ node: 'node-1', found }], wanted);
  expect(finding).toMatchObject({ check: 'virtualisation: node-1', level });
  expect(finding?.message).toContain(message);
  if (choice) expect(finding?.choice).toContain(choice);
  else expect(finding?.choice).toBeUndefined();
});

test('a machine that was not asked yet claims nothing', () => {
  expect(checkUntried(true, 'auto')).toMatchObject({
    level: 'ok',
    message: '/dev/kvm is there, and not tried yet',
    choice: 'decided at `up`: kvm where a guest boots with it, else qemu',
  });
  expect(checkUntried(undefined, 'auto')).toMatchObject({ level: 'ok', message: 'not tried yet' });
  expect(checkUntried(false, 'auto')).toMatchObject({ level: 'warning', choice: 'qemu' });
  expect(checkUntried(false, 'kvm')).toMatchObject({ level: 'error' });
  expect(checkUntried(false, 'qemu')).toMatchObject({ level: 'ok', choice: 'qemu' });
  expect(checkAccelerators([], 'kvm')).toEqual([]);
});
