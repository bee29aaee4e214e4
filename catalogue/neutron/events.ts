import type { ServiceEvents } from '../../src/model/event.ts';
import { partsOf, payloadOf, textOf, thing, within } from '../common/event-words.ts';

/** The things of Neutron's API, by the word of the type. Ports are those of servers and routers: these are told of. */
const kinds: Readonly<Record<string, string>> = {
  network: 'network',
  subnet: 'subnet',
  subnetpool: 'subnet pool',
  router: 'router',
  floatingip: 'floating IP',
  security_group: 'security group',
  security_group_rule: 'rule of security group',
  trunk: 'trunk',
  rbac_policy: 'share',
};
const done: Readonly<Record<string, string>> = { create: 'created', update: 'changed', delete: 'deleted' };
const NAMES = ['name', 'floating_ip_address', 'security_group_id', 'id'];

/** Neutron tells of each call of its API when it begins and when it has ended: `network.create.end`, with what it answered. */
export default {
  service: 'neutron',
  exchange: 'neutron',
  say(event) {
    const { about, phase } = partsOf(event.type);
    const payload = payloadOf(event);
    if (event.type === 'router.interface.create')
      return sayInterface(within(payload, 'router_interface'), 'added to');
    if (event.type === 'router.interface.delete')
      return sayInterface(within(payload, 'router_interface'), 'taken from');
    const [word = '', verb = ''] = about.split('.');
    const kind = kinds[word];
    const words = done[verb];
    if (phase !== 'end' || !kind || !words) return undefined;
    const one = within(payload, word);
    const named = thing(kind, Object.keys(one).length > 0 ? one : { id: payload[`${word}_id`] }, ...NAMES);
    if (word !== 'floatingip' || verb === 'delete') return `${named} ${words}`;
    const address = textOf(one, 'fixed_ip_address');
    if (address) return `${named} leads to ${address}`;
    return `${named} ${verb === 'create' ? words : 'leads nowhere'}`;
  },
} satisfies ServiceEvents;

function sayInterface(payload: Readonly<Record<string, unknown>>, words: string): string {
  return `${thing('subnet', payload, 'subnet_id')} ${words} ${thing('router', payload, 'id')}`;
}
