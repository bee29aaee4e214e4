import type { RenderContext } from '../../src/model/context.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { take } from '../../src/model/take.ts';
import {
  authTokenSections,
  cacheSections,
  databaseSection,
  messagingSections,
  serviceCredentials,
} from '../common/sections.ts';

/** Where an OVN database answers inside the cloud: every instance of it, complete, since ovsdbapp searches no domains. */
function ovnConnection(context: RenderContext, process: 'ovn-nb' | 'ovn-sb', port: number): string {
  return context
    .hosts(process)
    .map((host) => `tcp:${host}:${port}`)
    .join();
}

/** What the API and its workers read: one file for neutron.conf's and the ML2 plugin's options. */
export function serverSections(context: RenderContext): OsloSections[] {
  const { physicalNetwork, mtu } = context.external;
  return [
    cacheSections(context),
    messagingSections(context, 'neutron'),
    authTokenSections(context, 'neutron'),
    {
      DEFAULT: {
        core_plugin: 'ml2',
        service_plugins: 'ovn-router,trunk,qos,segments,port_forwarding',
        api_paste_config: '/etc/neutron/api-paste.ini',
        notify_nova_on_port_status_changes: true,
        notify_nova_on_port_data_changes: true,
        dns_domain: 'gantry.internal.',
        state_path: '/tmp',
      },
      database: databaseSection(context, 'neutron'),
      nova: { ...serviceCredentials(context, take(context, 'compute').account), endpoint_type: 'internal' },
      placement: { ...serviceCredentials(context, 'neutron'), endpoint_type: 'internal' },
      oslo_concurrency: { lock_path: '/tmp' },
      ml2: {
        type_drivers: 'flat,geneve,vlan',
        tenant_network_types: 'geneve',
        mechanism_drivers: 'ovn',
        extension_drivers: 'port_security,qos,dns',
        overlay_ip_version: 4,
        path_mtu: mtu,
        physical_network_mtus: mtu === undefined ? undefined : `${physicalNetwork}:${mtu}`,
      },
      ml2_type_flat: { flat_networks: physicalNetwork },
      ml2_type_vlan: { network_vlan_ranges: physicalNetwork },
      ml2_type_geneve: { vni_ranges: '1:65536', max_header_size: 38 },
      securitygroup: { enable_security_group: true },
      ovn: {
        ovn_nb_connection: ovnConnection(context, 'ovn-nb', 6641),
        ovn_sb_connection: ovnConnection(context, 'ovn-sb', 6642),
        dns_servers: context.nameServers.join(',') || undefined,
        ovn_metadata_enabled: true,
        ovn_l3_scheduler: 'leastloaded',
        // Routers would look at the size of each packet. Open vSwitch in user space takes what a server leaves to be cut
        // into segments for too large then, and drops it.
        ovn_emit_need_to_frag: false,
        enable_distributed_floating_ip: true,
      },
    },
  ];
}

export function metadataAgentSections(context: RenderContext): OsloSections[] {
  const { host, port, secret } = take(context, 'metadata');
  return [
    { DEFAULT: { debug: context.debug ? true : undefined, use_stderr: true } },
    {
      DEFAULT: {
        nova_metadata_host: host,
        nova_metadata_port: port,
        metadata_proxy_shared_secret: context.secret(secret),
        metadata_workers: 1,
        state_path: '/var/lib/neutron',
      },
      ovs: { ovsdb_connection: 'unix:/run/openvswitch/db.sock' },
      ovn: { ovn_sb_connection: ovnConnection(context, 'ovn-sb', 6642) },
      agent: { root_helper: '' },
      privsep: { helper_command: 'privsep-helper --config-file /etc/gantry/neutron_ovn_metadata_agent.ini' },
    },
  ];
}
