import { type RenderContext, serversUrl } from '../../src/model/context.ts';
import { type OsloSections, part } from '../../src/model/oslo.ts';
import {
  authTokenSections,
  databaseSection,
  messagingSections,
  serviceCredentials,
} from '../common/sections.ts';
import { API_PORT, BOOT_PORT } from './names.ts';
import type { IronicSettings } from './settings.ts';

type Context = RenderContext<IronicSettings>;

/** The user's own directory in the images, and what is in volumes of it: the database of Ironic alone, what machines boot. */
const HOME = '/var/lib/ironic';
export const DATA = `${HOME}/data`;
export const BOOT = `${HOME}/boot`;
export const HTTP_ROOT = `${BOOT}/http`;
export const USERS_FILE = '/etc/gantry/users';

/** What machines are asked of, and by what: everything else that the release enables is of hardware that nobody has here. */
const interfaces: OsloSections = {
  DEFAULT: {
    enabled_hardware_types: 'redfish,ipmi',
    enabled_power_interfaces: 'redfish,ipmitool',
    enabled_management_interfaces: 'redfish,ipmitool',
    enabled_boot_interfaces: 'ipxe',
    enabled_deploy_interfaces: 'direct',
    enabled_inspect_interfaces: 'agent,no-inspect',
    default_inspect_interface: 'agent',
    enabled_bios_interfaces: 'no-bios',
    enabled_console_interfaces: 'no-console',
    enabled_firmware_interfaces: 'no-firmware',
    enabled_raid_interfaces: 'no-raid',
    enabled_rescue_interfaces: 'no-rescue',
    enabled_storage_interfaces: 'noop',
    enabled_vendor_interfaces: 'no-vendor',
  },
};

/** What a conductor does with machines. `address` is that of its node, where they find what they boot. */
export function conductorSections(context: Context): OsloSections {
  const { gateway: address } = context.external;
  const boot = `http://${address}:${BOOT_PORT}`;
  const { standalone } = context.settings.baremetal;
  return {
    ...interfaces,
    DEFAULT: {
      ...interfaces.DEFAULT,
      my_ip: address,
      // Neutron's networks for machines are not made use of yet: they are on the one that they are wired to.
      enabled_network_interfaces: 'noop',
      default_network_interface: 'noop',
    },
    // By which it knows agents again, also after it was away.
    agent: { certificates_path: `${BOOT}/certificates` },
    conductor: {
      deploy_kernel: `${boot}/agent/kernel`,
      deploy_ramdisk: `${boot}/agent/ramdisk`,
      // Of a conductor that was killed the machines are taken over, or given up, after this time.
      heartbeat_timeout: 60,
    },
    deploy: {
      http_root: HTTP_ROOT,
      http_url: boot,
      default_boot_mode: 'bios',
      // A machine that was cleaned waits for what comes next with its agent running: it boots once less.
      fast_track: true,
      // The whole disk takes hours; what a new owner could take for data are its first sectors.
      erase_devices_priority: 0,
      erase_devices_metadata_priority: 10,
    },
    dhcp: { dhcp_provider: 'none' },
    // The agent is booted by Ironic, never by what else is on the network.
    inspector: {
      require_managed_boot: true,
      hooks: '$default_hooks,memory',
    },
    // Seconds between two commands. Virtual and present controllers need none; the default of 5 is for old ones.
    ipmi: { min_command_interval: 1 },
    pxe: {
      tftp_root: `${BOOT}/tftp`,
      tftp_master_path: `${BOOT}/master-images`,
      instance_master_path: `${BOOT}/instance-masters`,
      images_path: `${BOOT}/images`,
      // The first console is the last one named: what a machine without a screen shows.
      kernel_append_params: `nofb vga=normal console=tty0 console=ttyS0,115200${standalone ? '' : ' ipa-insecure=1'}`,
    },
  };
}

/** Ironic alone: API and conductor are one process, which its own password lets in to, with its own database. */
export function standaloneSections(context: Context): OsloSections[] {
  const url = `http://${context.external.gateway}:${API_PORT}`;
  return [
    conductorSections(context),
    part('Ironic alone', {
      DEFAULT: {
        auth_strategy: 'http_basic',
        http_basic_auth_user_file: USERS_FILE,
        rpc_transport: 'none',
        host: 'ironic',
      },
      api: { host_ip: context.external.gateway, port: API_PORT, public_endpoint: url },
      database: { connection: `sqlite:///${DATA}/ironic.sqlite` },
      // Where agents find it.
      service_catalog: { auth_type: 'none', endpoint_override: url },
    }),
  ];
}

/** What API and conductors of a whole cloud have alike. */
export function baseSections(context: Context): OsloSections[] {
  return [
    messagingSections(context, 'ironic'),
    {
      database: databaseSection(context, 'ironic'),
      DEFAULT: { rpc_transport: 'oslo', auth_strategy: 'keystone' },
    },
  ];
}

export function apiSections(context: Context): OsloSections[] {
  return [...baseSections(context), authTokenSections(context, 'ironic'), interfaces];
}

/** Agents call the API as servers do. Its certificate is the cloud's, which they do not know; what they say is signed by tokens. */
export function cloudConductorSections(context: Context): OsloSections[] {
  const account = { ...serviceCredentials(context, 'ironic'), valid_interfaces: 'internal' };
  return [
    ...baseSections(context),
    conductorSections(context),
    {
      service_catalog: { ...account, endpoint_override: serversUrl(context, 'ironic', API_PORT) },
      glance: account,
      nova: { ...account, send_power_notifications: context.offered('compute') !== undefined },
    },
  ];
}
