import type { Finding } from './finding.ts';

/** What servers of a compute node run with. */
export interface Accelerator {
  type: 'kvm' | 'qemu';
  /** How far a guest came that was tried with KVM in vain. */
  stage?: string;
  /** Why it is not KVM. */
  reason?: string;
  /** Nothing was tried: cloud.yaml had said qemu. */
  untried?: true;
}

export interface NodeAccelerator {
  /** Undefined on engines with a single one. */
  node: string | undefined;
  /** Undefined while it is being found out. */
  found: Accelerator | undefined;
}

const check = 'virtualisation';

export type WantedType = 'auto' | 'kvm' | 'qemu';

/**
 * What the hypervisor of a node says of it (HypervisorAccess): a line `KEY: VALUE` for each key, of which `type` is one.
 * Undefined where the text is no answer.
 */
export function parseAccelerator(text: string): Accelerator | undefined {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf(': ');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 2)] as const] : [];
    }),
  );
  const type = values.get('type');
  if (type !== 'kvm' && type !== 'qemu') return undefined;
  const [stage, reason] = [values.get('stage'), values.get('reason')];
  return {
    type,
    ...(stage ? { stage } : {}),
    ...(reason ? { reason } : {}),
    ...(values.get('tried') === 'no' ? { untried: true } : {}),
  };
}

/** Why servers do not run with KVM, in words; empty where they do. */
export function explainAccelerator({ stage, reason = '' }: Accelerator): string {
  return stage ? `no guest boots with KVM, it stopped at the ${stage}: ${reason}` : reason;
}

/** What the nodes found out, against what cloud.yaml wants now; nothing where none was asked yet. */
export function checkAccelerators(nodes: readonly NodeAccelerator[], wanted: WantedType): Finding[] {
  return nodes.map(({ node, found }) => {
    const finding = checkAccelerator(found, wanted);
    return node === undefined ? finding : { ...finding, check: `${check}: ${node}` };
  });
}

function checkAccelerator(found: Accelerator | undefined, wanted: WantedType): Finding {
  if (wanted === 'qemu' || found?.untried) return checkUntried(undefined, wanted);
  if (!found) return { check, level: 'ok', message: 'not found out yet', choice: choiceOf(wanted) };
  if (found.type === 'kvm') return { check, level: 'ok', message: 'a guest boots with KVM', choice: 'kvm' };
  return emulated(explainAccelerator(found), wanted);
}

/** For what nobody has tried yet: whether the machine has a /dev/kvm at all, where that can be seen. */
export function checkUntried(hasDevice: boolean | undefined, wanted: WantedType): Finding {
  if (wanted === 'qemu') {
    return { check, level: 'ok', message: 'compute.virtType in cloud.yaml', choice: 'qemu' };
  }
  if (hasDevice === false) return emulated('there is no /dev/kvm', wanted);
  const message = hasDevice ? '/dev/kvm is there, and not tried yet' : 'not tried yet';
  return { check, level: 'ok', message, choice: choiceOf(wanted) };
}

/** An error only where cloud.yaml wants something else: Nova would start no server there. */
function emulated(why: string, wanted: WantedType): Finding {
  if (wanted !== 'kvm') {
    return { check, level: 'warning', message: `${why}; servers are emulated and slow`, choice: 'qemu' };
  }
  return {
    check,
    level: 'error',
    message: `compute.virtType in cloud.yaml is kvm, and ${why}`,
    next: 'Set it to auto to have servers emulated, or switch on what is missing (virtualisation in the firmware, nested virtualisation in the hypervisor below) and start the machine again.',
  };
}

function choiceOf(wanted: WantedType): string {
  return wanted === 'kvm'
    ? 'kvm; `up` fails where no guest boots with it'
    : 'decided at `up`: kvm where a guest boots with it, else qemu';
}
