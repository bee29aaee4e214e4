import type { ServiceEvents } from '../../src/model/event.ts';
import { payloadOf, textOf, thing, within } from '../common/event-words.ts';

const kinds: Readonly<Record<string, string>> = {
  project: 'project',
  user: 'user',
  group: 'group',
  role: 'role',
  domain: 'domain',
  trust: 'trust',
  region: 'region',
  endpoint: 'endpoint',
  service: 'service',
  policy: 'policy',
  application_credential: 'application credential',
};
/** Extensions say so before the name: `identity.OS-TRUST:trust.created`. */
const TYPE = /^identity\.(?:OS-[A-Z]+:)?([a-z_]+)\.(created|updated|deleted|disabled)$/;

/**
 * Keystone names nothing: an event has the id alone, in the form of CADF.
 * https://docs.openstack.org/keystone/latest/admin/event_notifications.html
 */
export default {
  service: 'keystone',
  exchange: 'keystone',
  say(event) {
    const payload = payloadOf(event);
    if (event.type === 'identity.authenticate') {
      if (textOf(payload, 'outcome') !== 'failure') return undefined;
      return `${thing('user', within(payload, 'initiator'), 'user_id', 'id')} could not log in`;
    }
    const [, word = '', words = ''] = TYPE.exec(event.type) ?? [];
    if (word === 'role_assignment') return sayRole(payload, words);
    const kind = kinds[word];
    return kind && `${thing(kind, payload, 'resource_info')} ${words}`;
  },
} satisfies ServiceEvents;

function sayRole(payload: Readonly<Record<string, unknown>>, words: string): string {
  const who = thing('user', payload, 'user', 'group');
  const given = words === 'created' ? 'given' : 'no longer has';
  return `${who} ${given} ${thing('role', payload, 'role')}`;
}
