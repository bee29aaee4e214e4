import type { ServiceEvents } from '../../src/model/event.ts';
import { outcome, partsOf, payloadOf, textOf, thing } from '../common/event-words.ts';

const done: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  suspend: 'suspended',
  resume: 'resumed',
  check: 'checked',
  rollback: 'rolled back',
  adopt: 'adopted',
  abandon: 'abandoned',
  snapshot: 'saved',
  restore: 'restored',
};
const STACK = 'orchestration.stack.';

export default {
  service: 'heat',
  exchange: 'heat',
  say(event) {
    const { about, phase } = partsOf(event.type);
    if (phase === 'start' || phase === undefined) return undefined;
    const payload = payloadOf(event);
    if (about === 'orchestration.autoscaling') {
      const group = thing('group', payload, 'groupname');
      if (phase === 'error')
        return `${group} could not change its size: ${textOf(payload, 'message') ?? 'no reason told'}`;
      return `${group} changes its size by ${textOf(payload, 'adjustment') ?? '?'}, from ${textOf(payload, 'capacity') ?? '?'}`;
    }
    const words = about.startsWith(STACK) ? done[about.slice(STACK.length)] : undefined;
    return (
      words &&
      `${thing('stack', payload, 'stack_name')} ${outcome(words, phase, textOf(payload, 'state_reason'))}`
    );
  },
} satisfies ServiceEvents;
