import { type DeclareContext, type RenderContext, spansNodes } from '../../src/model/context.ts';
import type { ExternalWire } from '../../src/model/declaration.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { onSwitchNodes, tunnelProtocols } from '../../src/model/network-driver.ts';
import { nodeNetwork } from '../../src/model/node-network.ts';
import { defineService } from '../../src/model/service.ts';
import {
  CONFIG_DIR,
  type KernelNeed,
  type Process,
  type Ref,
  type RenderedFile,
  type VolumeMount,
} from '../../src/model/workload.ts';
import { findIdle, type SwitchSettings, settings } from './settings.ts';

const run: VolumeMount = { volume: 'openvswitch-run', path: '/run/openvswitch', scope: 'node' };
const data: VolumeMount = { volume: 'openvswitch', path: '/var/lib/openvswitch', scope: 'node' };

const SWITCH = 'openvswitch';
const IN_KERNEL = 'datapath in the kernel';
const IN_USER_SPACE = 'datapath in user space, which is slower';

export default defineService({
  name: 'openvswitch',
  summary: 'The virtual switch of a node, and what the network driver runs beside it',
  byDefault: true,
  required: true,
  processNames: {
    'openvswitch-db': { replicas: false },
    [SWITCH]: { replicas: false },
  },
  runsNodeProcesses: true,
  settings,
  checkSettings: findIdle,
  declare: (context) => ({ wires: [wireOf(context)] }),
  render: (context) => ({
    processes: [
      process({
        name: 'openvswitch-db',
        service: 'openvswitch',
        image: 'openvswitch',
        command: ['/usr/local/bin/start-ovsdb'],
        user: '0:0',
        volumes: [run, data],
        ...onSwitchNodes,
        needs: { capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] },
        health: shellHealth(
          "ovs-vsctl -t 5 --no-wait get open_vswitch . _uuid >/dev/null 2>&1 || { echo 'the switch database does not answer yet'; exit 1; }",
        ),
      }),
      switchProcess(context),
      ...context.networkDriver().nodeProcesses(context),
    ],
    jobs: [],
    tasks: [],
  }),
});

function switchProcess(context: RenderContext<SwitchSettings>): Process {
  const { reaches, gatewayProgram } = context.networkDriver().nodeSwitch(context);
  const choosesGateways = spansNodes(context) && gatewayProgram !== undefined;
  return process({
    name: SWITCH,
    service: 'openvswitch',
    image: 'openvswitch',
    command: ['/usr/local/bin/start-vswitchd'],
    user: '0:0',
    files: [nodeFile(context), ...(choosesGateways ? [gatewayFile(context)] : [])],
    volumes: [run, data],
    ...onSwitchNodes,
    needs: {
      hostNetwork: true,
      capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'NET_ADMIN', 'NET_RAW', 'NET_BROADCAST', 'SYS_NICE'],
      devices: [{ device: 'tun' }],
      kernel: kernelNeeds(context),
    },
    health: shellHealth(
      "ovs-appctl -T 5 -t /run/openvswitch/ovs-vswitchd.ctl version >/dev/null 2>&1 || { echo 'the switch does not answer yet'; exit 1; }; " +
        "ovs-vsctl -t 5 br-exists br-int || { echo 'br-int is not there yet'; exit 1; }",
    ),
    ...(choosesGateways ? { reload: { command: [gatewayProgram] } } : {}),
    farewell: { command: ['/usr/local/bin/unwire-node'], timeoutSeconds: 30 },
    detections: [
      {
        check: 'datapath',
        command: ['ovs-vsctl', '--timeout=3', 'get', 'bridge', 'br-int', 'datapath_type'],
        choices: { system: IN_KERNEL, netdev: IN_USER_SPACE },
      },
    ],
    after: ['process:openvswitch-db', ...reaches.map((name): Ref => `process:${name}`)],
    reaches,
  });
}

/** Which datapath `start-vswitchd` takes, and which protocol it makes tunnels with. */
function kernelNeeds(context: RenderContext): KernelNeed[] {
  const datapath = 'openvswitch';
  const { tunnels } = context.networkDriver();
  const modules = tunnels.map((protocol) => ({ name: protocol, choice: tunnelProtocols[protocol] }));
  return [
    { modules: [{ name: datapath, choice: IN_KERNEL }], otherwise: IN_USER_SPACE },
    ...(modules.length > 0
      ? [{ purpose: 'tunnels', modules, onlyWith: { name: datapath, otherwise: 'made in user space' } }]
      : []),
  ];
}

function wireOf({ settings: { network } }: DeclareContext<SwitchSettings>): ExternalWire {
  const { interface: name, takeAddress } = network.external;
  return { process: SWITCH, interface: name, takesAddress: name !== undefined && takeAddress };
}

/** For addresses that only tunnels between nodes use: set apart for tests of networks, so nobody routes it (RFC 2544). */
const TUNNEL_RANGE = '198.18.0.0/16';

/** Read by the start script and the driver's programs: what this node's switch is to be wired to. */
function nodeFile(context: RenderContext<SwitchSettings>): RenderedFile {
  const wire = wireOf(context);
  const [physicalNetwork] = context.declared.physicalNetworks;
  const names = nodeNetwork(context.cloud);
  const driver = context.networkDriver();
  const { settings, startProgram = '' } = driver.nodeSwitch(context);
  // Only where names have a domain there are several nodes.
  const hasTunnels = context.domain !== '' && driver.tunnels.length > 0;
  const lines = [
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    `start_program=${startProgram}`,
    `physical_network=${physicalNetwork?.name ?? ''}`,
    `external_bridge=${names.external}`,
    `external_wire_outside=${names.wireOutside}`,
    `external_wire_inside=${names.wireInside}`,
    `external_interface=${wire.interface ?? ''}`,
    `external_take_address=${wire.takesAddress}`,
    `tunnel_protocols=${driver.tunnels.join()}`,
    `tunnel_interface=${names.tunnel}`,
    `tunnel_range=${hasTunnels ? TUNNEL_RANGE : ''}`,
  ];
  return file(`${CONFIG_DIR}/node.env`, `${lines.join('\n')}\n`, { gid: 0, secret: false });
}

/**
 * Which nodes are gateways to the external network, a name a line; empty means all that are wired to it. Nodes do not
 * know their roles, and a switch that is replaced for them would cut its servers off: it takes the list up as it runs.
 */
function gatewayFile({ networkNodes }: RenderContext): RenderedFile {
  const content = networkNodes.map((node) => `${node}\n`).join('');
  return file(`${CONFIG_DIR}/gateways`, content, { gid: 0, secret: false, reloadable: true });
}
