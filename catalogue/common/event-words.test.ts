import { describe, expect, test } from 'vitest';
import type { KeptEvent, ServiceEvents } from '../../src/model/event.ts';
import cinder from '../cinder/events.ts';
import glance from '../glance/events.ts';
import heat from '../heat/events.ts';
import keystone from '../keystone/events.ts';
import neutron from '../neutron/events.ts';
import nova from '../nova/events.ts';
import swift from '../swift/events.ts';

const ID = '574fa445-9f1a-4b06-87ac-12e4e5bdcc10';
const server = { display_name: 'demo', instance_id: ID, host: 'node-1' };
const address = { id: ID, floating_ip_address: '10.29.29.67' };
const volume = { display_name: 'disk', volume_id: ID };

function say(service: ServiceEvents, type: string, payload: unknown, priority = 'info'): string | undefined {
  const event: KeptEvent = {
    id: ID,
    at: '2026-11-29T08:26:22.557751Z',
    exchange: service.exchange,
    type,
    priority,
    publisher: 'compute.node-1',
    project: null,
    user: null,
    request: null,
    payload,
  };
  return service.say(event);
}

describe('what happened is said in words', () => {
  test.each<[ServiceEvents, string, unknown, string]>([
    [nova, 'compute.instance.create.end', server, 'server demo created on node-1'],
    [nova, 'compute.instance.power_off.end', server, 'server demo stopped'],
    [nova, 'compute.instance.volume.attach', server, 'server demo given a volume'],
    [nova, 'compute.instance.delete.end', { ...server, display_name: '' }, `server ${ID} deleted`],
    [
      nova,
      'compute.instance.create.error',
      { ...server, message: 'Build of instance aborted' },
      'server demo could not be created: Build of instance aborted',
    ],
    [nova, 'keypair.import.end', { key_name: 'demo' }, 'key demo imported'],
    [neutron, 'network.create.end', { network: { id: ID, name: 'demo' } }, 'network demo created'],
    [neutron, 'network.delete.end', { network_id: ID }, `network ${ID} deleted`],
    [
      neutron,
      'floatingip.create.end',
      { floatingip: { ...address, fixed_ip_address: '10.29.30.193' } },
      'floating IP 10.29.29.67 leads to 10.29.30.193',
    ],
    [
      neutron,
      'floatingip.update.end',
      { floatingip: { ...address, fixed_ip_address: null } },
      'floating IP 10.29.29.67 leads nowhere',
    ],
    [
      neutron,
      'router.interface.create',
      { router_interface: { id: 'r', subnet_id: 's' } },
      'subnet s added to router r',
    ],
    [glance, 'image.activate', { name: 'gantry-guest', id: ID }, 'image gantry-guest ready'],
    [cinder, 'volume.attach.end', volume, 'volume disk attached'],
    [
      cinder,
      'backup.create.end',
      { display_name: null, backup_id: ID, fail_reason: 'no room' },
      `backup ${ID} created, with an error: no room`,
    ],
    [heat, 'orchestration.stack.create.end', { stack_name: 'web' }, 'stack web created'],
    [
      heat,
      'orchestration.stack.update.error',
      { stack_name: 'web', state_reason: 'Quota exceeded' },
      'stack web could not be updated: Quota exceeded',
    ],
    [keystone, 'identity.project.created', { resource_info: ID }, `project ${ID} created`],
    [keystone, 'identity.OS-TRUST:trust.deleted', { resource_info: ID }, `trust ${ID} deleted`],
    [keystone, 'identity.role_assignment.created', { user: ID, role: 'r' }, `user ${ID} given role r`],
    [
      keystone,
      'identity.authenticate',
      { outcome: 'failure', initiator: { user_id: ID } },
      `user ${ID} could not log in`,
    ],
    [
      keystone,
      'identity.authenticate',
      { outcome: 'failure', initiator: { user_id: ID, username: 'demo' } },
      'user demo could not log in',
    ],
    [
      keystone,
      'identity.role_assignment.deleted',
      { user: ID, role: 'r', initiator: { username: 'admin' } },
      `user ${ID} no longer has role r, by admin`,
    ],
    [
      swift,
      'objectstore.http.request',
      { target: { action: 'put', metadata: { container: 'c', object: 'a/b' } }, initiator: { id: ID } },
      `user ${ID} asked to write the object c/a/b`,
    ],
    [
      swift,
      'objectstore.http.request',
      { target: { action: 'delete', metadata: { container: 'c', object: null } } },
      'somebody asked to delete the container c',
    ],
  ])('%#', (service, type, payload, text) => {
    expect(say(service, type, payload)).toBe(text);
  });
});

describe('what is nothing for people has no words', () => {
  test.each<[ServiceEvents, string]>([
    [swift, 'objectstore.http.request'],
    [nova, 'compute.instance.create.start'],
    [nova, 'scheduler.select_destinations.end'],
    [nova, 'compute.instance.exists'],
    [neutron, 'port.update.end'],
    [glance, 'image.send'],
    [cinder, 'volume.create.start'],
    [heat, 'orchestration.stack.create.start'],
  ])('%#', (service, type) => {
    expect(say(service, type, {})).toBeUndefined();
  });
});

test('a payload of another form than expected is no failure', () => {
  for (const service of [cinder, glance, heat, keystone, neutron, nova, swift]) {
    for (const payload of [undefined, null, 'text', [], { network: 'text' }]) {
      expect(() => say(service, 'network.create.end', payload)).not.toThrow();
    }
  }
  expect(say(nova, 'compute.instance.create.end', null)).toBe('server (without a name) created');
});
