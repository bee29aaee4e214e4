import { publicUrl, type RenderContext, spansNodes } from '../../src/model/context.ts';
import { normalCpuList } from '../../src/model/cpu-list.ts';
import type { OsloSections } from '../../src/model/oslo.ts';
import { mebibytes } from '../../src/model/settings/units.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import type { RenderedFile } from '../../src/model/workload.ts';
import { type Pipelines, pipelinesFile } from '../common/audit.ts';
import { osloFile } from '../common/oslo-file.ts';
import {
  authTokenSections,
  cacheSections,
  commonSections,
  databaseSection,
  keyManagerSections,
  messagingSections,
  serviceCredentials,
  serviceUserSections,
} from '../common/sections.ts';
import { diskSections } from './disks.ts';
import type { NovaSettings } from './settings.ts';

/** Groups of nova.conf that only these processes read; an option there replaces no other. */
export const groupReaders: Record<string, string[]> = {
  api: ['nova-api', 'nova-metadata'],
  wsgi: ['nova-api', 'nova-metadata'],
  conductor: ['nova-conductor'],
  scheduler: ['nova-scheduler'],
  filter_scheduler: ['nova-scheduler'],
  metrics: ['nova-scheduler'],
  libvirt: ['nova-compute'],
  compute: ['nova-compute'],
  pci: ['nova-compute', 'nova-api', 'nova-scheduler'],
  console: ['nova-novncproxy'],
};

/** Signs for which server a request for metadata is. */
export const METADATA_SECRET = 'nova-metadata-proxy';

/** Where the proxy of screens has its certificate. */
export const PROXY_CERTIFICATES = '/tmp/certificate';

/** What every Nova process reads. */
export function baseSections(context: RenderContext): OsloSections[] {
  return [
    cacheSections(context),
    messagingSections(context, 'nova'),
    serviceUserSections(context, 'nova'),
    {
      // On one machine there is no other host to resize a server to.
      DEFAULT: { state_path: '/var/lib/nova', allow_resize_to_same_host: true },
      oslo_concurrency: { lock_path: '/tmp' },
      upgrade_levels: { compute: 'auto' },
      glance: { service_type: take(context, 'imageStore').serviceType, region_name: context.region },
      placement: serviceCredentials(context, 'nova'),
      neutron: serviceCredentials(context, take(context, 'network').account),
    },
    volumeSections(context),
    keyManagerSections(context, { backend: 'nova.keymgr.conf_key_mgr.ConfKeyManager' }),
  ];
}

/** How Cinder is asked for volumes: what it says of one is all that the hypervisor is told of where it is. */
function volumeSections(context: RenderContext): OsloSections {
  const offer = context.offered('blockStorage');
  if (!offer) return {};
  const { region_name: region, ...credentials } = serviceCredentials(context, 'nova');
  return {
    cinder: { ...credentials, catalog_info: `${offer.serviceType}::internalURL`, os_region_name: region },
  };
}

export function databaseSections(context: RenderContext): OsloSections {
  return {
    api_database: databaseSection(context, 'nova_api'),
    database: databaseSection(context, 'nova'),
  };
}

/** Those of both APIs. */
export const pipelines: Pipelines = { file: '/etc/nova/api-paste.ini', map: 'nova' };

export function apiSections(context: RenderContext): OsloSections[] {
  return [
    authTokenSections(context, 'nova'),
    databaseSections(context),
    {
      DEFAULT: { enabled_apis: '' },
      wsgi: { api_paste_config: pipelinesFile(context, pipelines) },
      // Nova's green threads stand still between requests: heartbeats from one of them would not be sent.
      oslo_messaging_rabbit: { heartbeat_in_pthread: true },
      neutron: {
        service_metadata_proxy: true,
        metadata_proxy_shared_secret: context.secret(METADATA_SECRET),
      },
    },
  ];
}

export function vncSections(context: RenderContext): OsloSections {
  return {
    vnc: {
      enabled: true,
      novncproxy_host: '0.0.0.0',
      novncproxy_port: 6080,
      novncproxy_base_url: publicUrl(context, 'novnc', 6080, '/vnc_lite.html'),
    },
  };
}

/** Where screens are on other nodes, the proxy and the hypervisor show each other certificates. */
export function proxySections(context: RenderContext): OsloSections {
  if (!spansNodes(context)) return {};
  return {
    vnc: {
      // A guest that was started before keeps its screen as it was.
      auth_schemes: 'vencrypt,none',
      vencrypt_ca_certs: `${PROXY_CERTIFICATES}/ca-cert.pem`,
      vencrypt_client_cert: `${PROXY_CERTIFICATES}/cert.pem`,
      vencrypt_client_key: `${PROXY_CERTIFICATES}/key.pem`,
    },
  };
}

/** Without a word of the user, what the node's own programs need at least. */
export function reservedMemoryMiB({ reservedMemory }: NovaSettings['compute']): number {
  return reservedMemory === undefined ? 512 : mebibytes(reservedMemory);
}

export function computeSections(context: RenderContext<NovaSettings>): OsloSections[] {
  const { compute } = context.settings;
  return [
    vncSections(context),
    {
      DEFAULT: {
        compute_driver: 'libvirt.LibvirtDriver',
        cpu_allocation_ratio: compute.cpuRatio,
        ram_allocation_ratio: compute.ramRatio,
        reserved_host_memory_mb: reservedMemoryMiB(compute),
        resume_guests_state_on_host_boot: true,
        // Neutron tells of a change once; where that was lost, servers would be told old addresses for ever.
        heal_instance_info_cache_interval: 60,
        mkisofs_cmd: 'genisoimage',
        instance_usage_audit: context.offered('notifications') !== undefined,
      },
      compute: {
        cpu_dedicated_set: compute.cpuDedicatedSet && normalCpuList(compute.cpuDedicatedSet),
        cpu_shared_set: compute.cpuSharedSet && normalCpuList(compute.cpuSharedSet),
      },
      libvirt: {
        connection_uri: take(context, 'hypervisor').uri,
        inject_partition: -2,
        // Of an emulated guest, what QEMU has translated: up to 1 GiB if nobody says so.
        tb_cache_size: 64,
        swtpm_enabled: false,
        ...(spansNodes(context)
          ? {
              live_migration_scheme: 'tls',
              live_migration_inbound_addr: '$my_ip',
              live_migration_with_native_tls: true,
              live_migration_permit_auto_converge: true,
            }
          : {}),
        wait_soft_reboot_seconds: 30,
      },
      vnc: { server_listen: '$my_ip', server_proxyclient_address: '$my_ip' },
      // The console as a socket with a log of it: a terminal would be another container's, which Nova cannot see. On
      // loopback it is for the log alone: see nova-serial-for-the-log-alone.patch.
      serial_console: { enabled: true, proxyclient_address: '127.0.0.1' },
      oslo_concurrency: { lock_path: '/var/lib/nova/locks' },
      workarounds: { skip_cpu_compare_on_dest: true },
      nova_sys_admin: { helper_command: privsepHelper },
      vif_plug_ovs_privileged: { helper_command: privsepHelper },
      privsep_osbrick: { helper_command: privsepHelper },
    },
    diskSections(context),
    context.networkDriver().hypervisor.sections,
  ];
}

/** Started through sudo; the image allows the compute user nothing else. */
const privsepHelper = 'sudo privsep-helper --config-file /etc/gantry/nova.conf';

/** Nova's own filters, and where servers may have CPUs to themselves the one that looks for these on one NUMA node. */
export function filterSections({ settings }: RenderContext<NovaSettings>): OsloSections {
  if (settings.compute.cpuDedicatedSet === undefined) return {};
  const usual = [
    'ComputeFilter',
    'ComputeCapabilitiesFilter',
    'ImagePropertiesFilter',
    'ServerGroupAntiAffinityFilter',
    'ServerGroupAffinityFilter',
  ];
  return { filter_scheduler: { enabled_filters: [...usual, 'NUMATopologyFilter'].join(',') } };
}

/** The file of a process that no helper of `catalogue/common` makes. */
export function novaFile(context: RenderContext, process: string, sections: OsloSections[]): RenderedFile {
  return osloFile(context, {
    name: 'nova.conf',
    process,
    gid: users.nova,
    sections: [commonSections(context), ...baseSections(context), ...sections],
  });
}
