import { type RenderContext, spansNodes } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import type { HypervisorAccess, HypervisorClient } from '../../src/model/offers.ts';
import { defineService } from '../../src/model/service.ts';
import { taking } from '../../src/model/take.ts';
import {
  type Capability,
  CONFIG_DIR,
  type Process,
  type RenderedFile,
  type VolumeMount,
} from '../../src/model/workload.ts';
import { exportMounts } from '../common/export-mount.ts';
import {
  makeNodeCertificate,
  nodeCertificateFiles,
  nodeCertificateSecrets,
} from '../common/node-certificate.ts';

const socket: VolumeMount = { volume: 'libvirt-run', path: '/run/libvirt', scope: 'node' };

const access: HypervisorAccess = {
  process: 'libvirt',
  // The file is find-accelerator's.
  accelerator: ['sh', '-c', 'cat /run/libvirt/gantry-accelerator 2>/dev/null || true'],
  servers: ['tell-servers'],
  disks: ['tell-disks'],
  logins: ['tell-logins'],
};

/** Shared with nova-compute, and kept while containers come and go: running guests hold files in all of them. */
const volumes: VolumeMount[] = [
  socket,
  { volume: 'libvirt', path: '/var/lib/libvirt', scope: 'node' },
  { volume: 'libvirt-domains', path: '/etc/libvirt/qemu', scope: 'node' },
  { volume: 'libvirt-log', path: '/var/log/libvirt', scope: 'node' },
  { volume: 'nova-compute', path: '/var/lib/nova', scope: 'node' },
  { volume: 'openvswitch-run', path: '/run/openvswitch', scope: 'node' },
];

const capabilities: Capability[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'KILL',
  'MKNOD',
  'NET_ADMIN',
  'NET_RAW',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_ADMIN',
  'SYS_CHROOT',
  'SYS_NICE',
  'SYS_PTRACE',
];

/** Made when libvirtd starts, and put from there where libvirt and QEMU look for them. */
const CERTIFICATES = '/tmp/certificate';

export default defineService({
  name: 'libvirt',
  summary: 'The hypervisor of a compute node',
  byDefault: true,
  required: true,
  processNames: { libvirt: { replicas: false }, virtlogd: { replicas: false } },
  declare: (facts) => ({ secrets: nodeCertificateSecrets(facts) }),
  gives: {
    hypervisor: () => ({ uri: 'qemu:///system', socket, access, after: ['process:libvirt'], reaches: [] }),
  },
  render: (context) => ({
    processes: [
      process({
        name: 'virtlogd',
        service: 'libvirt',
        image: 'libvirt',
        command: ['/usr/local/bin/start-virtlogd'],
        user: '0:0',
        files: [file(`${CONFIG_DIR}/virtlogd.conf`, virtlogdConfig, { gid: 0, secret: false })],
        volumes,
        tmpfs: ['/tmp'],
        on: ['compute'],
        spread: 'perNode',
        needs: {
          hostPid: true,
          hostCgroup: true,
          capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SYS_ADMIN'],
        },
        health: shellHealth(
          "test -S /run/libvirt/virtlogd-sock || { echo 'virtlogd has no socket yet'; exit 1; }",
        ),
      }),
      // It reaches Ceph when a server that has something there starts.
      taking(context, libvirt, ['blockPool', 'serverDisks']),
    ],
    jobs: [],
    tasks: [],
  }),
});

function libvirt(context: RenderContext): Process {
  const clients = poolClients(context);
  const command = spansNodes(context)
    ? [
        'bash',
        '-c',
        `${makeNodeCertificate(CERTIFICATES)} && exec start-libvirtd ${accelerator(context)} ${CERTIFICATES}`,
      ]
    : ['/usr/local/bin/start-libvirtd', accelerator(context)];
  return process({
    name: 'libvirt',
    service: 'libvirt',
    image: clients.length > 0 ? 'libvirt-rbd' : 'libvirt',
    command: clients.length > 0 ? ['with-secrets', ...command] : command,
    user: '0:0',
    files: [
      file(`${CONFIG_DIR}/libvirtd.conf`, libvirtdConfig, { gid: 0, secret: false }),
      file(`${CONFIG_DIR}/qemu.conf`, qemuConfig + (spansNodes(context) ? qemuTls : ''), {
        gid: 0,
        secret: false,
      }),
      ...nodeCertificateFiles(context, 0),
      ...clients.flatMap((client) => secretFiles(context, client)),
    ],
    volumes: [...volumes, ...exportMounts(context)],
    tmpfs: [
      '/tmp',
      '/var/cache/libvirt',
      '/etc/libvirt/secrets',
      '/etc/libvirt/storage',
      '/etc/libvirt/nwfilter',
      ...(spansNodes(context) ? ['/etc/pki'] : []),
    ],
    on: ['compute'],
    spread: 'perNode',
    needs: {
      hostNetwork: true,
      hostPid: true,
      hostCgroup: true,
      capabilities,
      devices: [
        { device: 'tun' },
        { device: 'kvm', optional: true },
        { device: 'vhost-net', optional: true },
      ],
    },
    health: shellHealth(
      "virsh --connect qemu:///system --readonly version >/dev/null 2>&1 || { echo 'libvirtd does not answer yet'; exit 1; }",
    ),
    farewell: { command: ['/usr/local/bin/stop-guests', '20'], timeoutSeconds: 60 },
    after: ['process:virtlogd'],
  });
}

type Client = Omit<HypervisorClient, 'other'>;

/** As whom servers' volumes and disks in pools are opened, in an order that does not depend on whose turn it is. */
function poolClients(context: RenderContext): Client[] {
  const volumes = context.offered('blockStorage') && context.offered('blockPool')?.clients.volumes;
  return [volumes, context.offered('serverDisks')?.client]
    .flatMap((client) => [client ?? [], client?.other ?? []].flat())
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What with-secrets gives libvirtd: keys by which QEMU opens volumes and disks (https://libvirt.org/formatsecret.html). */
function secretFiles(context: RenderContext, { name, secret, uuid }: Client): RenderedFile[] {
  const description = `<secret ephemeral='no' private='yes'>
  <uuid>${uuid}</uuid>
  <usage type='ceph'>
    <name>client.${name}</name>
  </usage>
</secret>
`;
  return [
    file(`${CONFIG_DIR}/ceph-${name}-secret.xml`, description, { gid: 0 }),
    file(`${CONFIG_DIR}/ceph-${name}-secret.base64`, context.secret(secret), { gid: 0 }),
  ];
}

/** Whoever wants kvm gets to know where it does not work, as with auto. */
function accelerator({ declared }: RenderContext): 'auto' | 'qemu' {
  return declared.hypervisors.some(({ virtType }) => virtType === 'qemu') ? 'qemu' : 'auto';
}

const virtlogdConfig = `log_level = 3
log_outputs = "3:stderr"
max_size = 4194304
max_backups = 3
`;

const libvirtdConfig = `log_level = 3
log_outputs = "3:stderr"
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_ro_perms = "0777"
unix_sock_rw_perms = "0770"
unix_sock_group = "nova"
`;

/**
 * Guests run as the compute user, outside any cgroup of libvirt's own, so that they outlive its container.
 * File ownership is not remembered in extended attributes, which not every filesystem keeps.
 */
const qemuConfig = `user = "nova"
group = "nova"
dynamic_ownership = 1
remember_owner = 0
namespaces = []
cgroup_controllers = []
security_driver = "none"
stdio_handler = "logd"
max_core = 0
dump_guest_core = 0
vnc_listen = "127.0.0.1"
`;

/** On several nodes: who moves a guest or looks at its screen must have a certificate, and sees one. */
const qemuTls = `default_tls_x509_cert_dir = "/etc/pki/qemu"
default_tls_x509_verify = 1
vnc_tls = 1
vnc_tls_x509_cert_dir = "/etc/pki/qemu"
vnc_tls_x509_verify = 1
`;
