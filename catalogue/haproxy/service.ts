import { proxiedFrontends } from '../../src/model/context.ts';
import type { ProxiedFrontend } from '../../src/model/declaration.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Port } from '../../src/model/workload.ts';
import { PUBLIC_PORT_OFFSET, renderHaproxyConfig, STATUS_PORT } from './config.ts';

const EACH = 'haproxy-each';

export default defineService({
  name: 'haproxy',
  summary: 'The front door: TLS in public, health-checked backends, replacement without a failed request',
  byDefault: true,
  required: true,
  processNames: { haproxy: { replicas: true, cluster: 'alike' } },
  declare: () => ({
    // Of servers that a back end has room for, those that are there.
    metricsSources: [
      {
        name: 'haproxy',
        process: 'haproxy',
        each: EACH,
        port: STATUS_PORT,
        parameters: { 'no-maint': [''] },
      },
    ],
  }),
  gives: { frontDoor: () => ({ process: 'haproxy', after: ['process:haproxy'], reaches: [] }) },
  render: (context) => {
    const frontends = proxiedFrontends(context);
    return {
      processes: [
        process({
          name: 'haproxy',
          service: 'haproxy',
          image: 'haproxy',
          command: [
            'haproxy',
            '-W',
            '-S',
            '/run/haproxy/master.sock',
            '-db',
            '-f',
            `${CONFIG_DIR}/haproxy.cfg`,
          ],
          user: userOf('haproxy'),
          files: [
            file(`${CONFIG_DIR}/haproxy.cfg`, renderHaproxyConfig(frontends, context), {
              gid: users.haproxy,
              secret: false,
              reloadable: true,
            }),
            file(`${CONFIG_DIR}/public.pem`, context.certificate.chainAndKey, {
              gid: users.haproxy,
              reloadable: true,
            }),
          ],
          replicas: context.replicas('haproxy'),
          tmpfs: ['/tmp', '/run/haproxy'],
          needs: { reachableFromNode: true },
          reaches: [...new Set(frontends.map((frontend) => frontend.process))],
          ports: [
            ...frontends.flatMap((frontend) => portsOf(frontend, context.publicPorts)),
            ...(context.offered('monitoring') ? [{ name: 'status', port: STATUS_PORT }] : []),
          ],
          aliases: [...new Set(frontends.map((frontend) => frontend.name))],
          ...(context.offered('monitoring') ? { eachAs: EACH } : {}),
          reload: { command: ['reload-haproxy'] },
          health: shellHealth(
            `exec 2>/dev/null; exec 3<>/dev/tcp/127.0.0.1/${STATUS_PORT} && printf 'GET /ready HTTP/1.0\\r\\n\\r\\n' >&3 && ` +
              "read -r -t 5 line <&3; case \"$line\" in *' 200 '*) ;; *) echo 'not listening yet'; exit 1;; esac",
          ),
        }),
      ],
      jobs: [],
      tasks: [],
    };
  },
});

/** HTTP has a port of its own for TLS; what is passed on as it is has one for everybody. */
function portsOf(
  { kind, name, port, publicPort, forServers }: ProxiedFrontend,
  publicPorts: Record<string, number>,
): Port[] {
  const plain = { name: `${name}-plain`, port };
  if (publicPort === undefined) return [plain];
  const published = {
    publicPort: publicPorts[name] ?? publicPort,
    ...(forServers ? { forServers } : {}),
  };
  if (kind === 'tcp') return [{ ...plain, ...published }];
  return [plain, { name, port: port + PUBLIC_PORT_OFFSET, ...published }];
}
