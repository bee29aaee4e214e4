import type { KeptEvent, ServiceEvents } from '../../src/model/event.ts';
import { partsOf, payloadOf, textOf, thing, within } from '../common/event-words.ts';

/** A kind of thing, and how it is named in the payload. */
const kinds: Readonly<Record<string, { kind: string; names: string[] }>> = {
  volume: { kind: 'volume', names: ['display_name', 'volume_id'] },
  snapshot: { kind: 'snapshot', names: ['display_name', 'snapshot_id'] },
  backup: { kind: 'backup', names: ['display_name', 'backup_id'] },
  group: { kind: 'group', names: ['name', 'group_id'] },
  group_snapshot: { kind: 'snapshot of a group', names: ['name', 'group_snapshot_id'] },
};
const done: Readonly<Record<string, string>> = {
  create: 'created',
  delete: 'deleted',
  update: 'changed',
  attach: 'attached',
  detach: 'detached',
  resize: 'grown',
  retype: 'given another type',
  restore: 'restored',
  reset_status: 'set to another state',
};

export default {
  service: 'cinder',
  exchange: 'cinder',
  say(event) {
    if (event.type === 'scheduler.create_volume' && event.priority === 'error') return sayRefused(event);
    const { about, phase } = partsOf(event.type);
    const [word = '', verb = ''] = about.split('.');
    const of = kinds[word];
    const words = done[verb];
    if (!of || !words || phase === 'start') return undefined;
    const payload = payloadOf(event);
    const reason = textOf(payload, 'fail_reason');
    return `${thing(of.kind, payload, ...of.names)} ${words}${reason ? `, with an error: ${reason}` : ''}`;
  },
} satisfies ServiceEvents;

function sayRefused(event: KeptEvent): string {
  const payload = payloadOf(event);
  const volume = thing('volume', payload, 'volume_id');
  const reason = textOf(payload, 'reason') ?? textOf(within(payload, 'reason'), 'message');
  return `${volume} could not be created${reason ? `: ${reason}` : ''}`;
}
