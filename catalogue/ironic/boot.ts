/** What machines boot from the network: addresses and a first program over UDP, everything else over HTTP. */

import { type RenderContext, spansNodes } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { nodeNetwork } from '../../src/model/node-network.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process, type VolumeMount } from '../../src/model/workload.ts';
import { BOOT, HTTP_ROOT } from './config.ts';
import { BOOT_PORT } from './names.ts';
import type { IronicSettings } from './settings.ts';

type Context = RenderContext<IronicSettings>;

/** What conductors lay out for machines, and the server of the same node serves. */
export const bootFiles: VolumeMount = { volume: 'ironic-boot', path: BOOT, scope: 'node' };

const DNSMASQ_FILE = `${CONFIG_DIR}/dnsmasq.conf`;
const NGINX_FILE = `${CONFIG_DIR}/nginx.conf`;
/** Of the image: iPXE for network cards that do not have it themselves. */
const LOADERS = '/usr/lib/ipxe';

/** Healthy when an HTTP GET at this address of the node answers with a status below 500. */
export function answersAt(address: string, port: number, path: string): ReturnType<typeof shellHealth> {
  return shellHealth(
    `exec 2>/dev/null; exec 3<>/dev/tcp/${address}/${port} || { echo "${address}:${port} is not open yet"; exit 1; }; ` +
      `printf 'GET ${path} HTTP/1.0\\r\\nHost: ${address}\\r\\n\\r\\n' >&3; ` +
      `read -r -t 8 line <&3 || { echo "${address}:${port} does not answer"; exit 1; }; ` +
      `case "$line" in HTTP/1.?\\ [234]*) ;; *) echo "${address}:${port} answers: $line"; exit 1;; esac`,
  );
}

/** Where the server of a node listens: where there are several, on all its addresses. */
function listenAddress(context: Context): string {
  return spansNodes(context) ? '0.0.0.0' : context.external.gateway;
}

/** Serves kernel and ramdisk of the agent, and what conductors lay out beside them. */
export function httpServer(context: Context): Process {
  const address = listenAddress(context);
  return process({
    name: 'ironic-http',
    service: 'ironic',
    image: 'ironic-boot',
    command: ['nginx', '-e', 'stderr', '-c', NGINX_FILE],
    user: userOf('ironic'),
    files: [file(NGINX_FILE, nginxConfiguration(address), { gid: users.ironic, secret: false })],
    volumes: [{ ...bootFiles, readOnly: true }],
    on: ['network'],
    spread: 'perNode',
    needs: { hostNetwork: true },
    ports: [{ name: 'boot', port: BOOT_PORT }],
    health: answersAt(address === '0.0.0.0' ? '127.0.0.1' : address, BOOT_PORT, '/agent/SHA256SUMS'),
  });
}

function nginxConfiguration(address: string): string {
  return `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log /dev/stdout;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  default_type application/octet-stream;
  sendfile on;
  server {
    listen ${address}:${BOOT_PORT};
    root ${HTTP_ROOT};
    location /agent/ {
      alias /usr/share/gantry/agent/;
    }
  }
}
`;
}

/**
 * dnsmasq: TFTP, and DHCP where Ironic is alone. It leads network cards to iPXE, and iPXE, which says so by option 175, to
 * what the conductor has laid out. Client architectures are those of RFC 4578.
 */
export function bootServer(context: Context): Process {
  const { standalone } = context.settings.baremetal;
  return process({
    name: 'ironic-boot',
    service: 'ironic',
    image: 'ironic-boot',
    command: ['dnsmasq', '--keep-in-foreground', `--conf-file=${DNSMASQ_FILE}`],
    user: '0:0',
    files: [file(DNSMASQ_FILE, dnsmasqConfiguration(context), { gid: 0, secret: false })],
    volumes: standalone ? [{ volume: 'ironic-leases', path: '/var/lib/misc', scope: 'node' }] : [],
    on: ['network'],
    spread: 'perNode',
    needs: {
      hostNetwork: true,
      capabilities: [
        'NET_BIND_SERVICE',
        'SETGID',
        'SETUID',
        ...(standalone ? (['NET_ADMIN', 'NET_RAW'] as const) : []),
      ],
    },
    health: shellHealth(
      '[ -d "/proc/$(cat /tmp/dnsmasq.pid 2>/dev/null || echo none)" ] || { echo "dnsmasq does not serve yet"; exit 1; }',
    ),
  });
}

function dnsmasqConfiguration(context: Context): string {
  const { gateway, pool } = context.external;
  const url = `http://${gateway}:${BOOT_PORT}/boot.ipxe`;
  const dhcp = [
    'dhcp-authoritative',
    'dhcp-leasefile=/var/lib/misc/dnsmasq.leases',
    `dhcp-range=${pool.start},${pool.end},1h`,
    `dhcp-option=option:router,${gateway}`,
    ...(context.nameServers.length > 0
      ? [`dhcp-option=option:dns-server,${context.nameServers.join()}`]
      : []),
    'dhcp-match=set:ipxe,175',
    'dhcp-match=set:efi,option:client-arch,7',
    'dhcp-match=set:efi,option:client-arch,9',
    `dhcp-boot=tag:ipxe,${url}`,
    'dhcp-boot=tag:!ipxe,tag:efi,snponly.efi',
    'dhcp-boot=tag:!ipxe,tag:!efi,undionly.kpxe',
  ];
  const lines = [
    'port=0',
    'user=dnsmasq',
    'group=dnsmasq',
    'log-facility=-',
    'pid-file=/tmp/dnsmasq.pid',
    'bind-dynamic',
    // Where an engine has several nodes it makes no bridge: machines are wherever the node is.
    ...(spansNodes(context) ? [] : [`interface=${nodeNetwork(context.cloud).external}`]),
    'enable-tftp',
    `tftp-root=${LOADERS}`,
    ...(context.settings.baremetal.standalone ? dhcp : []),
  ];
  return `${lines.join('\n')}\n`;
}
