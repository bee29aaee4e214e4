import type { ServiceEvents } from '../../src/model/event.ts';
import { payloadOf, thing } from '../common/event-words.ts';

/** https://docs.openstack.org/glance/latest/admin/notifications.html */
const done: Readonly<Record<string, string>> = {
  'image.create': 'begun',
  'image.activate': 'ready',
  'image.update': 'changed',
  'image.delete': 'deleted',
  'image.member.create': 'shared with a project',
  'image.member.delete': 'no longer shared with a project',
};

export default {
  service: 'glance',
  exchange: 'glance',
  say(event) {
    const words = done[event.type];
    return words && `${thing('image', payloadOf(event), 'name', 'id', 'image_id')} ${words}`;
  },
} satisfies ServiceEvents;
