import type { RenderContext } from '../../src/model/context.ts';
import type {
  HttpCheck,
  HttpFrontend,
  LeaderFrontend,
  ProxiedFrontend,
  TcpFrontend,
} from '../../src/model/declaration.ts';
import { LISTEN_QUEUE } from '../common/uwsgi.ts';

/**
 * Ports for TLS inside the container are the plain ones plus this: any user may open them, also where the public port
 * is below 1024.
 */
export const PUBLIC_PORT_OFFSET = 10_000;
export const STATUS_PORT = 8404;

/** Most instances of one process that the front door spreads requests over. */
const MAX_BACKENDS = 16;

/** How HAProxy's resolver, which knows no search domains, finds processes, and how many there are of what. */
export type Layout = Pick<RenderContext, 'domain' | 'instances' | 'replicas' | 'workers'>;

/**
 * HAProxy's configuration. Backends are found through the engine's name service, so that scaling or replacing
 * a process changes nothing here. A refused connection is tried at once on another server: that, and APIs that
 * finish what is under way when told to stop, is why a replacement fails no request.
 */
export function renderHaproxyConfig(frontends: ProxiedFrontend[], layout: Layout): string {
  const blocks = frontends.flatMap((frontend) =>
    blocksOf(frontend, backendName(frontend, frontends), layout),
  );
  return [head(), ...blocks, withoutTls].join('\n');
}

function blocksOf(frontend: ProxiedFrontend, backend: string, layout: Layout): string[] {
  switch (frontend.kind) {
    case 'http':
      return [
        listener(frontend, backend),
        ...(frontend.publicPort === undefined ? [] : [publicPort(frontend)]),
        httpBackend(frontend, backend, layout),
      ];
    case 'tcp':
      return [tcpListener(frontend, layout)];
    case 'leader':
      return [leaderListener(frontend, layout)];
  }
}

/** Where several front ends share a process, each has a back end of its own, with its port and its check. */
function backendName({ name, process }: ProxiedFrontend, frontends: readonly ProxiedFrontend[]): string {
  const isShared = frontends.filter((one) => one.process === process).length > 1;
  return isShared ? `${process}-for-${name}` : process;
}

/** While no name server answers, instances are taken to be where they were: by itself HAProxy gives that 30 seconds. */
function head(): string {
  return `global
    log stdout format raw local0 notice
    maxconn 4000
    server-state-file /run/haproxy/servers
    stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
    ssl-default-bind-options ssl-min-ver TLSv1.2
    hard-stop-after 10m
    nbthread 2

defaults
    mode http
    log global
    load-server-state-from-file global
    option dontlognull
    option redispatch 1
    retries 10
    retry-on conn-failure empty-response
    timeout connect 1s
    timeout queue 1m
    timeout client 10m
    timeout server 10m
    timeout http-request 30s
    timeout http-keep-alive 60s
    timeout check 10s
    timeout tunnel 12h

resolvers engine
    parse-resolv-conf
    resolve_retries 3
    timeout resolve 1s
    timeout retry 1s
    hold valid 1s
    hold nx 1s
    hold obsolete 0s
    hold timeout 1h
    hold refused 1h
    hold other 1h

frontend status
    bind :${STATUS_PORT}
    http-request return status 200 content-type text/plain string ok if { path /ready }
    http-request use-service prometheus-exporter if { path /metrics }
    http-request deny
`;
}

function listener({ name, port, publicPort }: HttpFrontend, backend: string): string {
  const lines = [`frontend ${name}-${port}`, `    bind :${port}`];
  if (publicPort !== undefined) {
    lines.push(
      `    bind unix@${tlsSocket({ name, port })} mode 600 accept-proxy ssl crt /etc/gantry/public.pem alpn http/1.1`,
    );
  }
  lines.push(
    `    bind unix@${handoverSocket({ name, port })} mode 600 accept-proxy id ${HANDOVER}`,
    // After a reload, connections that clients keep are closed with an answer, not between two requests: a request that
    // is on its way just then would be lost.
    '    option idle-close-on-response',
    '    option forwardfor',
    '    http-request set-header X-Forwarded-Proto https if { ssl_fc }',
    `    http-request del-header X-Forwarded-Proto if !{ ssl_fc } !{ so_id ${HANDOVER} }`,
    `    default_backend ${backend}`,
    '',
  );
  return lines.join('\n');
}

/** Number of the socket at which a front end takes requests from the worker before this one. */
const HANDOVER = 1000;

const handoverSocket = ({ name, port }: Pick<HttpFrontend, 'name' | 'port'>) =>
  `/run/haproxy/${name}-${port}-handover.sock`;

const tlsSocket = ({ name, port }: Pick<HttpFrontend, 'name' | 'port'>) =>
  `/run/haproxy/${name}-${port}.sock`;

/**
 * A public port looks at the first bytes of a connection. TLS goes on to the front end, with the client's address, as
 * it came; anything else would end in an alert that no client can put into words. HAProxy has no bind that takes both.
 */
function publicPort({ name, port }: HttpFrontend): string {
  return `frontend ${name}-${port}-public
    bind :${port + PUBLIC_PORT_OFFSET}
    mode tcp
    tcp-request inspect-delay 10s
    tcp-request content accept if { req.ssl_hello_type 1 }
    use_backend ${name}-${port}-tls if { req.ssl_hello_type 1 }
    default_backend without-tls

backend ${name}-${port}-tls
    mode tcp
    server tls unix@${tlsSocket({ name, port })} send-proxy-v2
`;
}

/**
 * The answer to HTTP without TLS. A browser is led to the right address. A client of an API is not: it would go on to
 * send passwords and tokens in the clear. The JSON is what clients of OpenStack show of an error.
 */
const withoutTls = `backend without-tls
    option http-server-close
    http-request set-var(txn.host) req.hdr(host)
    http-request redirect code 302 location https://%[var(txn.host)]%[pathq] if { req.hdr(accept) -m sub text/html } { var(txn.host) -m found } METH_GET
    http-request return status 400 content-type application/json lf-string '{"error": {"code": 400, "title": "Bad Request", "message": "This port speaks TLS only: use https://%[var(txn.host),json(utf8s)] instead of http://"}}'
`;

/** Connections of a protocol of their own: an instance that can be connected to takes them. */
function tcpListener({ name, port, process, processPort }: TcpFrontend, { domain }: Layout): string {
  const lines = [
    `listen ${name}-${port}`,
    `    bind :${port}`,
    '    mode tcp',
    '    option tcplog',
    '    balance leastconn',
    ...servers(process, `${process}${domain}:${processPort ?? port}`),
    '',
  ];
  return lines.join('\n');
}

/**
 * Connections of a protocol of their own, all to one instance: the others take over in their order. Connections to an
 * instance that stops being the one are closed, in both directions of the change, so that two never take writes for
 * long. Clients keep connections in pools, for hours.
 */
function leaderListener(
  { name, port, process, processPort = port, check }: LeaderFrontend,
  { instances }: Layout,
): string {
  const servers = instances(process).map(
    (host, ordinal) =>
      `    server ${process}-${ordinal} ${host}:${processPort}${ordinal === 0 ? '' : ' backup'}`,
  );
  return `listen ${name}-${port}
    bind :${port}
    mode tcp
    option tcplog
    option clitcpka
    option srvtcpka
${httpCheck(check).join('\n')}
    timeout client 4h
    timeout server 4h
    timeout check 2s
    default-server check port ${check.port} inter 1s fall 2 rise 2 observe layer4 error-limit 1 on-error mark-down on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions resolvers engine init-addr last,none
${servers.join('\n')}
`;
}

/**
 * Requests wait here, for whichever instance comes to them first. In an instance there is room for some only, from all
 * HAProxies by both ways that lead to it: a connection too many is refused, as when an instance that has just started
 * stalls for seconds.
 *
 * A worker that stops after a reload goes on with the connections that clients keep, and hears of no server any more: neither
 * checks nor names reach it (3.0.11). What it is asked it hands to the worker that took its place. Where there is
 * none, as when all of HAProxy stops, the request goes to the servers that it knows.
 */
function httpBackend(
  {
    name: frontend,
    port,
    process,
    processPort = port,
    tunnel,
    connections,
    check = tunnel ? undefined : {},
  }: HttpFrontend,
  name: string,
  { domain, replicas, workers }: Layout,
): string {
  const queued = workers(process, 1) + Math.floor(LISTEN_QUEUE / 2 / replicas('haproxy'));
  const room = connections === undefined ? queued : Math.floor(connections / replicas('haproxy'));
  const lines = [
    `backend ${name}`,
    `    balance ${tunnel ? 'source' : 'leastconn'}`,
    ...(check ? httpCheck(check) : []),
    '    use-server handover if { stopping }',
    `    server handover unix@${handoverSocket({ name: frontend, port })} weight 0 send-proxy-v2`,
    ...servers(process, `${process}${domain}:${processPort}`, tunnel ? undefined : room),
    '',
  ];
  return lines.join('\n');
}

function httpCheck({ path = '/', status }: HttpCheck): string[] {
  return [
    `    option httpchk GET ${path}`,
    `    http-check expect ${status === undefined ? 'rstatus ^[234]' : `status ${status}`}`,
  ];
}

/**
 * The instances of a process. Where none passes its check, as on a machine that has too much to do, one of them is asked
 * all the same: a slow answer is better than none. By itself HAProxy gives an address to one server of a backend alone.
 *
 * A refused connection takes its instance out until a check passes. Those that have just ended have the fewest connections,
 * so a request would be tried at nothing but them, all its times within milliseconds (3.0.11).
 */
function servers(process: string, address: string, maxConnections?: number): string[] {
  return [
    '    option allbackups',
    `    default-server inter 5s fastinter 500ms downinter 500ms fall 3 rise 1 observe layer4 error-limit 1 on-error mark-down${maxConnections === undefined ? '' : ` maxconn ${maxConnections}`} resolvers engine init-addr last,none`,
    `    server-template ${process}- 1-${MAX_BACKENDS} ${address} check`,
    `    server ${process}-unchecked ${address} backup resolve-opts allow-dup-ip`,
  ];
}
