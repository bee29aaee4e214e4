/** A server as its hypervisor knows it. */
export interface Domain {
  /** UUID; Nova's id of the server. */
  id: string;
  state: DomainState;
  /** libvirt's word for why it is in that state; empty where it has none that says more. */
  reason: string;
  /** Whether the hypervisor, and nobody who uses the cloud, brought it into that state. */
  fault: boolean;
  /** Nova's name for it; only of one that does not run. */
  name?: string;
  /** What QEMU said last that sounds like a reason. */
  said?: string;
}

export type DomainState =
  | 'running'
  | 'paused'
  | 'shutting down'
  | 'shut off'
  | 'crashed'
  | 'suspended'
  | 'unknown';

/** virDomainState, by its numbers (libvirt, include/libvirt/libvirt-domain.h); 2, blocked, is of Xen. */
const states: Record<number, DomainState> = {
  1: 'running',
  2: 'running',
  3: 'paused',
  4: 'shutting down',
  5: 'shut off',
  6: 'crashed',
  7: 'suspended',
};

interface Reason {
  words: string;
  fault?: boolean;
}

/**
 * Reasons by state and number, from the same header: virDomainPausedReason, virDomainShutoffReason,
 * virDomainCrashedReason. libvirt has no word for QEMU's internal error, in which a processor cannot go on: it calls that
 * paused for an unknown reason, and so does it where QEMU stops for anything else that nobody asked for.
 */
const reasons: Partial<Record<DomainState, Record<number, Reason>>> = {
  paused: {
    0: { words: 'nobody asked for it', fault: true },
    1: { words: 'as asked' },
    2: { words: 'migration' },
    3: { words: 'being saved' },
    4: { words: 'being dumped' },
    5: { words: 'I/O error', fault: true },
    6: { words: 'watchdog', fault: true },
    7: { words: 'after its state was restored' },
    8: { words: 'shutting down' },
    9: { words: 'snapshot' },
    10: { words: 'its kernel panicked', fault: true },
    11: { words: 'starting up' },
    12: { words: 'migration' },
    13: { words: 'migration failed', fault: true },
    14: { words: 'hypervisor API error', fault: true },
  },
  'shut off': {
    1: { words: 'shut down' },
    2: { words: 'switched off' },
    3: { words: 'QEMU ended unexpectedly', fault: true },
    4: { words: 'migrated' },
    5: { words: 'saved' },
    6: { words: 'could not be started', fault: true },
    7: { words: 'snapshot' },
    8: { words: 'found so by libvirt' },
  },
  crashed: { 1: { words: 'its kernel panicked', fault: true } },
};

/** What a hypervisor says of its servers (HypervisorAccess): a line of fields with tabs for each, as here. */
export function parseDomains(text: string): Domain[] {
  return text
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => {
      const [id = '', state, reason, name, said] = line.split('\t');
      const known = states[Number(state)] ?? 'unknown';
      const { words, fault = false } = reasons[known]?.[Number(reason)] ?? { words: '' };
      return {
        id,
        state: known,
        reason: words,
        fault,
        ...(name ? { name: unescapeXml(name) } : {}),
        ...(said ? { said } : {}),
      };
    });
}

/** `paused: I/O error`, or `running`. */
export function describeDomain({ state, reason, fault, said }: Omit<Domain, 'id'>): string {
  const why = [reason, ...(fault && said ? [`QEMU said: ${said}`] : [])].filter(Boolean).join('; ');
  return why === '' ? state : `${state}: ${why}`;
}

function unescapeXml(text: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name] ?? '');
}
