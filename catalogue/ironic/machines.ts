/** Virtual bare metal: machines that QEMU emulates on the external network, each turned on and off over Redfish. */

import { createHash } from 'node:crypto';
import type { RenderContext } from '../../src/model/context.ts';
import { file, jsonFile, process } from '../../src/model/make.ts';
import { nodeNetwork } from '../../src/model/node-network.ts';
import { parseSize } from '../../src/model/settings/units.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process, type RenderedFile } from '../../src/model/workload.ts';
import { answersAt } from './boot.ts';
import { BMC_PASSWORD, BMC_PORT, USER } from './names.ts';
import type { IronicSettings } from './settings.ts';

type Context = RenderContext<IronicSettings>;

const DIRECTORY = '/var/lib/ironic/machines';
const CONFIG_FILE = `${CONFIG_DIR}/machines.json`;
const PASSWORD_FILE = `${CONFIG_DIR}/bmc-password`;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

export interface VirtualMachine {
  name: string;
  uuid: string;
  mac: string;
  /** Its interface on the node. */
  tap: string;
}

/** The machines of a cloud. What tells them apart follows from the cloud's name: two clouds of one node have others. */
export function virtualMachines({ cloud, settings }: Pick<Context, 'cloud' | 'settings'>): VirtualMachine[] {
  return Array.from({ length: settings.baremetal.virtual.machines }, (_, ordinal) => {
    const name = `machine-${ordinal}`;
    const digest = createHash('sha256').update(`${cloud} ${name}`).digest('hex');
    return {
      name,
      uuid: [
        digest.slice(0, 8),
        digest.slice(8, 12),
        `4${digest.slice(13, 16)}`,
        `8${digest.slice(17, 20)}`,
        digest.slice(20, 32),
      ].join('-'),
      // Of those that QEMU has for its own.
      mac: `52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`,
      tap: `${nodeNetwork(cloud).external.slice(0, -3)}-bm${ordinal}`,
    };
  });
}

/** By which Ironic's own container makes nodes of them. */
export function enrolmentFiles(context: Context): RenderedFile[] {
  const gid = users.ironic;
  const machines = virtualMachines(context).map(({ name, mac }) => ({
    name,
    mac,
    controller: `http://${context.external.gateway}:${BMC_PORT}`,
    system: `/redfish/v1/Systems/${name}`,
    user: USER,
  }));
  if (machines.length === 0) return [];
  return [
    jsonFile(CONFIG_FILE, machines, { gid }),
    file(PASSWORD_FILE, context.secret(BMC_PASSWORD), { gid }),
  ];
}

export function machineProcess(context: Context): Process {
  const { memory, disk, cpus } = context.settings.baremetal.virtual;
  const { gateway: address } = context.external;
  const machines = virtualMachines(context);
  const configuration = {
    address,
    port: BMC_PORT,
    user: USER,
    passwordFile: PASSWORD_FILE,
    directory: DIRECTORY,
    bridge: nodeNetwork(context.cloud).external,
    machines: machines.map((machine) => ({
      ...machine,
      cpus,
      memoryMiB: Math.floor((parseSize(memory) ?? 0) / MIB),
      diskGiB: Math.floor((parseSize(disk) ?? 0) / GIB),
    })),
  };
  return process({
    name: 'virtual-bmc',
    service: 'ironic',
    image: 'virtual-bmc',
    command: ['/usr/local/bin/run-machines', CONFIG_FILE],
    user: '0:0',
    files: [
      jsonFile(CONFIG_FILE, configuration, { gid: users.ironic }),
      file(PASSWORD_FILE, context.secret(BMC_PASSWORD), { gid: users.ironic }),
    ],
    volumes: [{ volume: 'virtual-machines', path: DIRECTORY, scope: 'node' }],
    on: ['network'],
    spread: 'perNode',
    needs: {
      hostNetwork: true,
      capabilities: ['NET_ADMIN', 'SETGID', 'SETUID'],
      devices: [{ device: 'tun' }],
    },
    health: answersAt(address, BMC_PORT, '/redfish/v1/'),
  });
}
