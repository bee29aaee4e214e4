import type { KeptEvent } from '../model/event.ts';

/** What keystonemiddleware tells once a request has been answered. Of one that has come it tells before as well. */
const ANSWERED = 'audit.http.response';

/** What of CADF (DMTF DSP0262) it says. */
interface Audited {
  /** Such as `create`, `read/list` or `update/os-start`. */
  action?: string;
  outcome?: string;
  requestPath?: string;
  reason?: { reasonCode?: string };
  initiator?: { name?: string; id?: string; host?: { address?: string } };
}

/** Who asked an API for what, and how that ended; undefined where an event is about something else. */
export function sayAudit({ type, payload, user }: KeptEvent): string | undefined {
  if (type !== ANSWERED) return undefined;
  const { action, outcome, requestPath, reason, initiator } = (payload ?? {}) as Audited;
  const who = [initiator?.name, initiator?.id, user].find((one) => one && one !== 'unknown') ?? 'somebody';
  const address = initiator?.host?.address;
  const code = reason?.reasonCode;
  const end = outcome === 'success' ? 'done' : Number(code ?? 500) < 500 ? 'refused' : 'failed';
  return `${who}${address ? ` at ${address}` : ''} asked to ${action ?? 'do something'} ${requestPath ?? ''}: ${end}${code ? ` (${code})` : ''}`;
}
