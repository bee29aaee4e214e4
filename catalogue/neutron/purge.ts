import {
  floatingIps,
  networks,
  ports,
  removeRouter,
  routers,
  securityGroups,
} from '../../src/openstack/network.ts';
import { type Kind, kind, type ServicePurge } from '../../src/openstack/purge.ts';
import { defineResource } from '../../src/openstack/resource.ts';

const of = (project_id: string) => ({ project_id });

const other = (what: string, one: string, many: string, path = `/${many.replaceAll('_', '-')}`): Kind =>
  kind(what, defineResource({ service: 'network', path, one, many }), { of });

export default {
  layer: 'resources',
  kinds: [
    other('trunk', 'trunk', 'trunks'),
    kind('floating IP', floatingIps, { of }),
    kind('router', routers, { of, remove: removeRouter }),
    { ...kind('port', ports, { of }), dependent: ({ device_owner: owner = '' }) => owner !== '' },
    kind('network', networks, { of }),
    other('subnet pool', 'subnetpool', 'subnetpools'),
    other('address scope', 'address_scope', 'address_scopes'),
    other('address group', 'address_group', 'address_groups'),
    other('QoS policy', 'policy', 'policies', '/qos/policies'),
    kind('security group', securityGroups, { of }),
  ],
} satisfies ServicePurge;
