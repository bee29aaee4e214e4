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
 * An event is in the form of CADF: it has the id alone of what it is about, and the name of whoever did it. In the other form
 * that Keystone knows (`notification_format: basic`) it had neither that nor who could not log in.
 * https://docs.openstack.org/keystone/latest/admin/event_notifications.html
 */
export default {
  service: 'keystone',
  exchange: 'keystone',
  say(event) {
    const payload = payloadOf(event);
    if (event.type === 'identity.authenticate') {
      if (textOf(payload, 'outcome') !== 'failure') return undefined;
      return `${thing('user', within(payload, 'initiator'), 'username', 'user_id', 'id')} could not log in`;
    }
    const [, word = '', words = ''] = TYPE.exec(event.type) ?? [];
    if (word === 'role_assignment') return `${sayRole(payload, words)}${by(payload)}`;
    const kind = kinds[word];
    return kind && `${thing(kind, payload, 'resource_info')} ${words}${by(payload)}`;
  },
} satisfies ServiceEvents;

/** Whoever did it, where Keystone knew its name. */
function by(payload: Readonly<Record<string, unknown>>): string {
  const name = textOf(within(payload, 'initiator'), 'username');
  return name ? `, by ${name}` : '';
}

function sayRole(payload: Readonly<Record<string, unknown>>, words: string): string {
  const who = thing('user', payload, 'user', 'group');
  const given = words === 'created' ? 'given' : 'no longer has';
  return `${who} ${given} ${thing('role', payload, 'role')}`;
}
