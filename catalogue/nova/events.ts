import type { KeptEvent, ServiceEvents } from '../../src/model/event.ts';
import { outcome, partsOf, payloadOf, textOf, thing, within } from '../common/event-words.ts';

/** What is done to a server, by the word of the type: https://docs.openstack.org/nova/latest/admin/notifications.html */
const done: Readonly<Record<string, string>> = {
  create: 'created',
  delete: 'deleted',
  soft_delete: 'deleted, for a while',
  restore: 'restored',
  reboot: 'restarted',
  rebuild: 'rebuilt',
  power_off: 'stopped',
  power_on: 'started',
  pause: 'paused',
  unpause: 'resumed',
  suspend: 'suspended',
  resume: 'resumed',
  shelve: 'shelved',
  shelve_offload: 'taken off its node',
  unshelve: 'brought back from the shelf',
  rescue: 'started for rescue',
  unrescue: 'back from rescue',
  snapshot: 'saved as an image',
  finish_resize: 'resized',
  'resize.confirm': 'left with its new size',
  'resize.revert': 'given its old size again',
  evacuate: 'made again on another node',
  'live_migration.post.dest': 'moved while it ran',
  'volume.attach': 'given a volume',
  'volume.detach': 'parted from a volume',
};
const SERVER = 'compute.instance.';
const NAMES = ['display_name', 'instance_id'];

export default {
  service: 'nova',
  exchange: 'nova',
  say(event) {
    const { about, phase } = partsOf(event.type);
    if (about.startsWith(SERVER)) return sayServer(event, about.slice(SERVER.length), phase);
    if (event.type === 'compute_task.build_instances') return sayRefused(event);
    const payload = payloadOf(event);
    if (about === 'keypair.create' && phase === 'end') return `${thing('key', payload, 'key_name')} created`;
    if (about === 'keypair.import' && phase === 'end') return `${thing('key', payload, 'key_name')} imported`;
    if (about === 'keypair.delete' && phase === 'end') return `${thing('key', payload, 'key_name')} deleted`;
    return undefined;
  },
} satisfies ServiceEvents;

function sayServer(event: KeptEvent, what: string, phase: 'start' | 'end' | 'error' | undefined) {
  const words = done[what];
  // Attachments are told of once, without a phase.
  const ended = phase ?? (what.startsWith('volume.') ? 'end' : 'start');
  if (!words || ended === 'start') return undefined;
  const payload = payloadOf(event);
  const reason = textOf(within(payload, 'exception'), 'value') ?? textOf(payload, 'message');
  const said = `${thing('server', payload, ...NAMES)} ${outcome(words, ended, reason)}`;
  const node = what === 'create' && ended === 'end' ? textOf(payload, 'host', 'node') : undefined;
  return node ? `${said} on ${node}` : said;
}

/** No node was found, or none that could make it. */
function sayRefused(event: KeptEvent): string | undefined {
  if (event.priority !== 'error') return undefined;
  const payload = payloadOf(event);
  const server = thing(
    'server',
    within(within(payload, 'request_spec'), 'instance_properties'),
    'display_name',
    'uuid',
  );
  const reason = textOf(payload, 'reason') ?? textOf(within(payload, 'reason'), 'message');
  return `${server} ${outcome('created', 'error', reason)}`;
}
