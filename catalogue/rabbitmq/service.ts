import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RenderContext } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { switchOr } from '../../src/model/settings/fields.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';

/** Of oslo.messaging: where clients from outside look for notifications unless they are told of another. */
const USUAL_TOPIC = 'notifications';
/** What of a topic is kept for whoever is to hear it and is away: then the oldest go. In bytes, for each priority. */
const MOST_UNHEARD = 64 * 1024 * 1024;

/** Of its plugin for Prometheus: https://www.rabbitmq.com/docs/prometheus */
const METRICS_PORT = 15_692;

export default defineService({
  name: 'rabbitmq',
  summary: 'The message broker between the processes of a service',
  byDefault: true,
  required: true,
  processNames: { rabbitmq: { replicas: true, cluster: 'majority' } },
  dataVolumes: ['rabbitmq'],
  settings: {
    notifications: z
      .boolean()
      .default(false)
      .describe('Services send notifications over the message broker, by the topic `notifications`.'),
    audit: switchOr('all')
      .default(false)
      .describe(
        'APIs tell as well who asked them for what, and how that ended: of requests that change something, or of all.',
      ),
  },
  checkSettings: ({ audit, notifications }, { isGiven }) =>
    audit === false || notifications || isGiven('eventLog')
      ? []
      : [
          {
            path: ['audit'],
            level: 'warning',
            message: 'tells nobody who would keep it',
            next: 'Set services.events to true, or notifications where programs of your own listen.',
          },
        ],
  declare: ({ settings }) => ({
    secrets: [{ name: 'rabbitmq-cookie', kind: 'hex' }],
    notificationTopics: settings.notifications ? [USUAL_TOPIC] : [],
    metricsSources: [
      { name: 'rabbitmq', process: 'rabbitmq', port: METRICS_PORT },
      {
        name: 'rabbitmq-queues',
        process: 'rabbitmq',
        port: METRICS_PORT,
        path: '/metrics/detailed',
        parameters: { family: ['queue_coarse_metrics'] },
      },
    ],
  }),
  gives: {
    messaging: (context) => ({
      hosts: context.hosts('rabbitmq'),
      port: 5672,
      after: ['process:rabbitmq'],
      reaches: ['rabbitmq'],
    }),
    notifications: ({ declared: { notificationTopics: topics }, settings: { audit } }) =>
      topics.length > 0
        ? {
            driver: 'messagingv2',
            topics,
            audit: audit === true ? 'changes' : audit === false ? undefined : audit,
            after: [],
            reaches: [],
          }
        : undefined,
  },
  render: (context) => {
    const isAsked = context.offered('monitoring') !== undefined;
    return {
      processes: [
        process({
          name: 'rabbitmq',
          service: 'rabbitmq',
          image: 'rabbitmq',
          command: ['/usr/local/bin/start-rabbitmq'],
          user: userOf('rabbitmq'),
          files: [
            file(`${CONFIG_DIR}/rabbitmq.conf`, serverConfig(context), {
              gid: users.rabbitmq,
              secret: false,
            }),
            file(`${CONFIG_DIR}/peers`, `${context.instances('rabbitmq').join('\n')}\n`, {
              gid: users.rabbitmq,
              secret: false,
            }),
            file(`${CONFIG_DIR}/enabled_plugins`, isAsked ? '[rabbitmq_prometheus].\n' : '[].\n', {
              gid: users.rabbitmq,
              secret: false,
            }),
            file(`${CONFIG_DIR}/definitions.json`, definitions(context), {
              gid: users.rabbitmq,
              reloadable: true,
            }),
            file(`${CONFIG_DIR}/erlang.cookie`, context.secret('rabbitmq-cookie'), { gid: users.rabbitmq }),
          ],
          volumes: [{ volume: 'rabbitmq', path: '/var/lib/rabbitmq', sizeGiB: 5 }],
          tmpfs: ['/tmp', '/var/log/rabbitmq'],
          replicas: context.replicas('rabbitmq'),
          needs: { reachableFromNode: true },
          ports: [
            { name: 'amqp', port: 5672 },
            ...(isAsked ? [{ name: 'metrics', port: METRICS_PORT }] : []),
          ],
          reload: {
            command: ['bash', '-c', reloadScript(context)],
          },
          // An AMQP client's first bytes; a broker that is ready answers with a method frame (type 1).
          health: shellHealth(
            "exec 2>/dev/null; exec 3<>/dev/tcp/127.0.0.1/5672 || { cat /tmp/status || echo 'port 5672 is not open yet'; exit 1; }; " +
              "printf 'AMQP\\0\\0\\11\\1' >&3; IFS= read -r -t 5 -n 1 byte <&3; [ \"$byte\" = $'\\001' ] || { echo 'no AMQP handshake yet'; exit 1; }",
          ),
          stop: { signal: 'SIGTERM', graceSeconds: 60 },
        }),
      ],
      jobs: [],
      tasks: [],
    };
  },
});

/** With several instances: queues made while there were fewer of them spread to the new ones. */
function clusterConfig(context: RenderContext): string {
  if (context.replicas('rabbitmq') < 2) return '';
  return `queue_leader_locator = balanced
quorum_queue.continuous_membership_reconciliation.enabled = true
quorum_queue.continuous_membership_reconciliation.target_group_size = 3
quorum_queue.continuous_membership_reconciliation.auto_remove = true
`;
}

function serverConfig(context: RenderContext): string {
  return `listeners.tcp.default = 5672
loopback_users = none
log.console = true
log.console.level = warning
log.file = false
# Every health check opens a connection and leaves it: no warning of that.
log.connection.level = error
default_user_tags.administrator = false
load_definitions = ${CONFIG_DIR}/definitions.json
vm_memory_high_watermark.absolute = 512MiB
disk_free_limit.absolute = 200MB
cluster_formation.peer_discovery_backend = classic_config
management_agent.disable_metrics_collector = true
${context.offered('monitoring') ? `prometheus.tcp.port = ${METRICS_PORT}\n` : ''}${clusterConfig(context)}`;
}

/** An import adds and changes users; those that are valid no more are removed by name, where they are there. */
function reloadScript({ retired }: RenderContext): string {
  const commands = [
    'set -eu; export HOME=/var/lib/rabbitmq',
    `rabbitmqctl --quiet import_definitions ${CONFIG_DIR}/definitions.json`,
  ];
  if (retired.brokerUsers.length > 0) {
    commands.push(
      'present=$(rabbitmqctl --quiet --no-table-headers list_users | cut -f 1)',
      `for user in ${retired.brokerUsers.join(' ')}; do if grep -qxF "$user" <<< "$present"; then rabbitmqctl --quiet delete_user "$user"; fi; done`,
    );
  }
  return commands.join('; ');
}

/**
 * Notifications that nobody takes from their queues would fill the disk of the broker, and end all messages.
 * https://www.rabbitmq.com/docs/maxlength
 */
function policies({ declared: { notificationTopics: topics } }: RenderContext) {
  if (topics.length === 0) return {};
  return {
    policies: [
      {
        vhost: '/',
        name: 'notifications',
        pattern: `^(${topics.join('|')})\\.`,
        'apply-to': 'queues',
        priority: 0,
        definition: { 'max-length-bytes': MOST_UNHEARD, overflow: 'drop-head' },
      },
    ],
  };
}

function definitions(context: RenderContext): string {
  const logins = context.declared.brokerUsers.map(({ user, login = user, secret }) => ({ login, secret }));
  return `${JSON.stringify(
    {
      vhosts: [{ name: '/' }],
      users: logins.map(({ login, secret }) => ({
        name: login,
        password_hash: passwordHash(login, context.secret(secret)),
        hashing_algorithm: 'rabbit_password_hashing_sha256',
        tags: [],
      })),
      permissions: logins.map(({ login: user }) => ({
        user,
        vhost: '/',
        configure: '.*',
        write: '.*',
        read: '.*',
      })),
      ...policies(context),
    },
    null,
    2,
  )}\n`;
}

/**
 * RabbitMQ's salted hash (https://www.rabbitmq.com/docs/passwords): base64 of four bytes of salt and
 * SHA-256(salt, password). The salt comes from the user and password, so that the same input gives the same file.
 */
function passwordHash(user: string, password: string): string {
  const salt = createHash('sha256').update(`salt\0${user}\0${password}`).digest().subarray(0, 4);
  const digest = createHash('sha256').update(salt).update(password).digest();
  return Buffer.concat([salt, digest]).toString('base64');
}
