import type { ServiceEvents } from '../../src/model/event.ts';
import { payloadOf, textOf, within } from '../common/event-words.ts';

/** What a request changes, by its method. */
const done: Readonly<Record<string, string>> = {
  put: 'write',
  post: 'change',
  delete: 'delete',
  copy: 'copy',
};

/**
 * Of every request, and not of how it was answered: `outcome` is success unless the proxy broke. So this says what was asked for.
 * https://docs.openstack.org/ceilometermiddleware/latest/
 */
export default {
  service: 'swift',
  exchange: 'swift',
  say(event) {
    if (event.type !== 'objectstore.http.request') return undefined;
    const payload = payloadOf(event);
    const target = within(payload, 'target');
    const words = done[textOf(target, 'action') ?? ''];
    if (words === undefined) return undefined;
    const metadata = within(target, 'metadata');
    const [container, object] = [textOf(metadata, 'container'), textOf(metadata, 'object')];
    const what = object
      ? `object ${container}/${object}`
      : container
        ? `container ${container}`
        : `account of the project ${textOf(target, 'id') ?? ''}`;
    const who = textOf(within(payload, 'initiator'), 'id');
    return `${who ? `user ${who}` : 'somebody'} asked to ${words} the ${what}`;
  },
} satisfies ServiceEvents;
