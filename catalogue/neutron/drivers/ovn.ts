/**
 * OVN: networks are written into the databases of the service `ovn`, and a controller on each node makes flows of them.
 * Its agents talk to these databases, not to Neutron's server.
 */

import type { RenderContext } from '../../../src/model/context.ts';
import { shellHealth } from '../../../src/model/health.ts';
import { process } from '../../../src/model/make.ts';
import { onSwitchNodes, type ProcessHosts } from '../../../src/model/network-driver.ts';
import type { OsloSections } from '../../../src/model/oslo.ts';
import { take, taking } from '../../../src/model/take.ts';
import { CONFIG_DIR, type Process, type VolumeMount } from '../../../src/model/workload.ts';
import { osloOnNode } from '../../common/node-name.ts';
import { osloFile } from '../../common/oslo-file.ts';
import { ovsdbNames } from '../../common/ovsdb.ts';
import type { NeutronDriver } from './driver.ts';

const NORTHBOUND = { process: 'ovn-nb', port: 6641 };
const SOUTHBOUND = { process: 'ovn-sb', port: 6642 };
type Database = typeof NORTHBOUND;

/** The switch's own database, whose socket is on the node. */
const switchDatabase = { ovsdb_connection: 'unix:/run/openvswitch/db.sock' };
const switchRun: VolumeMount = { volume: 'openvswitch-run', path: '/run/openvswitch', scope: 'node' };

const TYPE_DRIVERS = 'flat,geneve,vlan';
const AGENT_FILE = 'neutron_ovn_metadata_agent.ini';

export const ovn: NeutronDriver = {
  name: 'ovn',
  serverSections,
  serverReaches: [NORTHBOUND.process, SOUTHBOUND.process],
  // Each worker is in OVN's hash ring by its host name, and takes itself out when it ends: an API that is being replaced
  // must not take out the one that replaces it.
  apiNeeds: { uniqueHostname: true },
  rpcWorkers: 0,
  workers: [
    {
      name: 'neutron-ovn-maintenance',
      program: 'neutron-ovn-maintenance-worker',
      worksOn: { port: NORTHBOUND.port, name: 'the OVN northbound database' },
    },
  ],
  agents: (context) => [taking(context, metadataAgent)],
  processNames: {
    'neutron-ovn-maintenance': { replicas: false },
    'neutron-ovn-metadata': { replicas: false },
  },
  configFiles: { [AGENT_FILE]: {} },
  testOptions: { available_type_drivers: TYPE_DRIVERS, firewall_driver: 'ovn' },
  hypervisor: {
    sections: { os_vif_ovs: switchDatabase },
    volumes: [switchRun],
    after: ['process:openvswitch'],
  },
  tunnels: ['geneve', 'vxlan'],
  nodeSwitch: (context) => ({
    settings: { southbound: addresses(context, SOUTHBOUND).join() },
    reaches: [SOUTHBOUND.process],
    startProgram: '/usr/local/bin/tell-ovn-controller',
    gatewayProgram: '/usr/local/bin/choose-ovn-gateway',
  }),
  nodeProcesses: (context) => [controller(context)],
  nodeProcessNames: ['ovn-controller'],
  traces: {
    lease: { process: 'ovn-controller', text: (mac) => `DHCPACK ${mac}` },
    floatingIp: {
      process: NORTHBOUND.process,
      // Every member of a cluster knows it, not only the leader.
      command: (address) => [
        'ovn-nbctl',
        '--no-leader-only',
        '--bare',
        '--columns=logical_ip',
        'find',
        'NAT',
        'type=dnat_and_snat',
        `external_ip=${address}`,
      ],
    },
    namespace: { process: 'neutron-ovn-metadata', name: (networkId) => `ovnmeta-${networkId}` },
    logs: {
      binding: ['ovn-controller', 'neutron-api'],
      port: ['ovn-controller', 'openvswitch'],
      lease: ['ovn-controller'],
      metadata: ['neutron-ovn-metadata'],
      floatingIp: ['neutron-api', 'neutron-ovn-maintenance'],
    },
  },
};

function addresses({ hosts }: ProcessHosts, { process, port }: Database): string[] {
  return hosts(process).map((host) => `${host}:${port}`);
}

/** How Neutron reaches a database: every instance of it, complete, since ovsdbapp searches no domains. */
function connection(context: ProcessHosts, database: Database): string {
  return addresses(context, database)
    .map((address) => `tcp:${address}`)
    .join();
}

function serverSections(context: RenderContext): OsloSections {
  return {
    DEFAULT: { service_plugins: 'ovn-router,trunk,qos,segments,port_forwarding' },
    ml2: {
      type_drivers: TYPE_DRIVERS,
      tenant_network_types: 'geneve',
      mechanism_drivers: 'ovn',
      overlay_ip_version: 4,
    },
    ml2_type_geneve: { vni_ranges: '1:65536', max_header_size: 38 },
    ovn: {
      ovn_nb_connection: connection(context, NORTHBOUND),
      ovn_sb_connection: connection(context, SOUTHBOUND),
      dns_servers: context.nameServers.join(',') || undefined,
      ovn_metadata_enabled: true,
      ovn_l3_scheduler: 'leastloaded',
      // Routers would look at the size of each packet. Open vSwitch in user space takes what a server leaves to be cut
      // into segments for too large then, and drops it.
      ovn_emit_need_to_frag: false,
      enable_distributed_floating_ip: true,
    },
  };
}

/** Makes flows for the switch of its node of what the southbound database says. */
function controller(context: ProcessHosts): Process {
  return process({
    name: 'ovn-controller',
    service: 'openvswitch',
    image: 'openvswitch',
    command: ['/usr/local/bin/start-ovn-controller'],
    user: '0:0',
    files: [ovsdbNames(context.hosts(SOUTHBOUND.process).length, 0)],
    volumes: [switchRun],
    tmpfs: ['/tmp', '/run/ovn'],
    ...onSwitchNodes,
    needs: { hostNetwork: true, capabilities: ['DAC_OVERRIDE', 'NET_ADMIN'] },
    health: shellHealth(
      'out=$(ovn-appctl -T 5 -t /run/ovn/ovn-controller.ctl connection-status 2>&1); ' +
        '[ "$out" = connected ] || { echo "southbound database: $out"; exit 1; }',
    ),
    farewell: { command: ['touch', '/run/ovn/leaving'], timeoutSeconds: 10 },
    after: ['process:openvswitch', 'process:ovn-sb'],
    reaches: [SOUTHBOUND.process],
  });
}

/** Runs as root: it makes network namespaces and moves interfaces into them. */
function metadataAgent(context: RenderContext): Process {
  return process({
    name: 'neutron-ovn-metadata',
    service: 'neutron',
    image: 'neutron',
    command: ['/usr/local/bin/start-ovn-metadata-agent', '--config-file', `${CONFIG_DIR}/${AGENT_FILE}`],
    user: '0:0',
    files: [
      osloFile(context, {
        name: AGENT_FILE,
        process: 'neutron-ovn-metadata',
        gid: 0,
        sections: metadataAgentSections(context),
      }),
    ],
    volumes: [switchRun, { volume: 'neutron-ovn-metadata', path: '/var/lib/neutron', scope: 'node' }],
    // Namespaces of its own: they hold its proxies, which end with it, and are made anew when it starts.
    tmpfs: ['/tmp', '/run/netns'],
    on: ['compute'],
    spread: 'perNode',
    needs: {
      ...osloOnNode,
      capabilities: [
        'CHOWN',
        'DAC_OVERRIDE',
        'DAC_READ_SEARCH',
        'FOWNER',
        'KILL',
        'NET_ADMIN',
        'NET_BIND_SERVICE',
        'NET_RAW',
        'SETGID',
        'SETUID',
        'SYS_ADMIN',
        'SYS_PTRACE',
      ],
    },
    health: shellHealth(
      "test -S /var/lib/neutron/metadata_proxy || { echo 'the metadata proxy has no socket yet'; exit 1; }",
    ),
    after: ['process:ovn-sb', 'process:ovn-controller', 'process:openvswitch'],
    reaches: [SOUTHBOUND.process],
  });
}

function metadataAgentSections(context: RenderContext): OsloSections[] {
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
      ovs: switchDatabase,
      ovn: { ovn_sb_connection: connection(context, SOUTHBOUND) },
      agent: { root_helper: '' },
      privsep: { helper_command: `privsep-helper --config-file ${CONFIG_DIR}/${AGENT_FILE}` },
    },
  ];
}
