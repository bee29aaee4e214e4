import type { RenderContext } from '../../src/model/context.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import type { Pipelines } from '../common/audit.ts';
import {
  authTokenSections,
  cacheSections,
  databaseSection,
  messagingSections,
  serviceCredentials,
} from '../common/sections.ts';
import type { NeutronDriver } from './drivers/driver.ts';
import type { NeutronSettings } from './settings.ts';

/** What the names of servers end with. */
export const DNS_DOMAIN = 'gantry.internal';

/** Those of the API. */
export const pipelines: Pipelines = { file: '/etc/neutron/api-paste.ini', map: 'neutron' };

/** What the API and its workers read: one file for neutron.conf's and the ML2 plugin's options. */
export function serverSections(
  context: RenderContext<NeutronSettings>,
  driver: NeutronDriver,
): OsloSections[] {
  const { external, mtu } = context.settings.network;
  const { physicalNetwork } = external;
  return [
    cacheSections(context),
    messagingSections(context, 'neutron'),
    authTokenSections(context, 'neutron'),
    {
      DEFAULT: {
        core_plugin: 'ml2',
        api_paste_config: pipelines.file,
        notify_nova_on_port_status_changes: true,
        notify_nova_on_port_data_changes: true,
        dns_domain: `${DNS_DOMAIN}.`,
        state_path: '/tmp',
      },
      database: databaseSection(context, 'neutron'),
      nova: { ...serviceCredentials(context, take(context, 'compute').account), endpoint_type: 'internal' },
      placement: { ...serviceCredentials(context, 'neutron'), endpoint_type: 'internal' },
      oslo_concurrency: { lock_path: '/tmp' },
      ml2: {
        extension_drivers: 'port_security,qos,dns',
        path_mtu: mtu,
        physical_network_mtus: mtu === undefined ? undefined : `${physicalNetwork}:${mtu}`,
      },
      ml2_type_flat: { flat_networks: physicalNetwork },
      ml2_type_vlan: { network_vlan_ranges: physicalNetwork },
      securitygroup: { enable_security_group: true },
    },
    driver.serverSections(context),
  ];
}
