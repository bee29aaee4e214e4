/**
 * A network driver that exists nowhere, as a file of catalogue/neutron/drivers would have it: pigeons carry what servers
 * send (RFC 1149). It differs from OVN wherever the interface lets it, and nothing outside this file knows of it.
 */

import { osloOnNode } from '../../../catalogue/common/node-name.ts';
import { osloFile } from '../../../catalogue/common/oslo-file.ts';
import type { NeutronDriver } from '../../../catalogue/neutron/drivers/driver.ts';
import type { RenderContext } from '../../../src/model/context.ts';
import { shellHealth } from '../../../src/model/health.ts';
import { process } from '../../../src/model/make.ts';
import { onSwitchNodes } from '../../../src/model/network-driver.ts';
import { take, taking } from '../../../src/model/take.ts';
import { CONFIG_DIR, type Process, type VolumeMount } from '../../../src/model/workload.ts';
import type { Privileges } from '../rules/privileges.ts';

/** What test/contract/privileges.ts would have of it. */
export const pigeonPrivileges: Record<string, Privileges> = {
  'pigeon-loft': { reason: 'pigeons fly from the node itself', root: true, hostNetwork: true },
  'neutron-pigeon-agent': { reason: 'it feeds them there', root: true, hostNetwork: true },
};

const switchRun: VolumeMount = { volume: 'openvswitch-run', path: '/run/openvswitch', scope: 'node' };
const AGENT_FILE = 'pigeon_agent.ini';

export const pigeons: NeutronDriver = {
  name: 'pigeons',
  serverSections: () => ({ ml2: { tenant_network_types: 'vxlan', mechanism_drivers: 'pigeons' } }),
  serverReaches: [],
  apiNeeds: {},
  rpcWorkers: 1,
  workers: [
    {
      name: 'neutron-pigeon-keeper',
      program: 'neutron-pigeon-keeper',
      worksOn: { port: 3306, name: 'the database' },
    },
  ],
  agents: (context) => [taking(context, agent)],
  processNames: {
    'neutron-pigeon-keeper': { replicas: false },
    'neutron-pigeon-agent': { replicas: false },
  },
  configFiles: { [AGENT_FILE]: {} },
  testOptions: { available_type_drivers: 'vxlan' },
  hypervisor: { sections: {}, volumes: [switchRun], after: ['process:pigeon-loft'] },
  tunnels: ['vxlan'],
  nodeSwitch: () => ({
    settings: { flight_height: '30' },
    reaches: [],
    startProgram: '/usr/local/bin/feed-pigeons',
  }),
  nodeProcesses: () => [loft()],
  nodeProcessNames: ['pigeon-loft'],
  traces: {
    lease: { process: 'neutron-pigeon-agent', text: (mac) => `released to ${mac}` },
    floatingIp: { process: 'pigeon-loft', command: (address) => ['loft', 'find', address] },
    namespace: { process: 'neutron-pigeon-agent', name: (networkId) => `flock-${networkId}` },
    logs: {
      binding: ['pigeon-loft', 'neutron-api'],
      port: ['pigeon-loft', 'openvswitch'],
      lease: ['neutron-pigeon-agent'],
      metadata: ['neutron-pigeon-agent'],
      floatingIp: ['neutron-pigeon-keeper'],
    },
  },
};

/** Beside the switch of each node. */
function loft(): Process {
  return process({
    name: 'pigeon-loft',
    service: 'openvswitch',
    image: 'openvswitch',
    command: ['/usr/local/bin/start-loft'],
    user: '0:0',
    volumes: [switchRun],
    ...onSwitchNodes,
    needs: { hostNetwork: true },
    health: shellHealth('loft status'),
    after: ['process:openvswitch'],
  });
}

function agent(context: RenderContext): Process {
  const { host, port } = take(context, 'metadata');
  const sections = [{ DEFAULT: { nova_metadata_host: host, nova_metadata_port: port } }];
  return process({
    name: 'neutron-pigeon-agent',
    service: 'neutron',
    image: 'neutron',
    command: ['neutron-pigeon-agent', '--config-file', `${CONFIG_DIR}/${AGENT_FILE}`],
    user: '0:0',
    files: [osloFile(context, { name: AGENT_FILE, process: 'neutron-pigeon-agent', gid: 0, sections })],
    volumes: [switchRun],
    on: ['compute'],
    spread: 'perNode',
    needs: osloOnNode,
    health: shellHealth('test -S /run/openvswitch/pigeons'),
    after: ['process:pigeon-loft'],
  });
}
