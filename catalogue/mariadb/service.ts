import { createHash } from 'node:crypto';
import type { RenderContext } from '../../src/model/context.ts';
import { shellHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { take } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR } from '../../src/model/workload.ts';

/** The front end that leads to the one instance that takes writes, where there are several. */
const LEADER = 'database';

/** Where an instance says how it is; used between instances and by the front end (see start-galera). */
const STATE_PORT = 4569;

const client = [
  'mariadb',
  '--protocol=socket',
  '--socket=/run/mysqld/mysqld.sock',
  '--batch',
  '--skip-column-names',
];

export default defineService({
  name: 'mariadb',
  summary: 'The database of every service',
  byDefault: true,
  required: true,
  processNames: { mariadb: { replicas: true, cluster: 'majority' } },
  dataVolumes: ['mariadb'],
  declare: () => ({
    frontends: [
      {
        name: LEADER,
        kind: 'leader',
        process: 'mariadb',
        port: 3306,
        check: { port: STATE_PORT, status: 200 },
      },
    ],
  }),
  gives: {
    database: (context) => {
      const throughFrontDoor = context.replicas('mariadb') > 1;
      return {
        host: throughFrontDoor ? LEADER : 'mariadb',
        port: 3306,
        instances: context.hosts('mariadb'),
        throughFrontDoor,
        after: ['process:mariadb', ...(throughFrontDoor ? take(context, 'frontDoor').after : [])],
        // What is not replaced yet, when there were fewer instances before, still uses its own name.
        reaches: ['mariadb', ...(throughFrontDoor ? [LEADER] : [])],
      };
    },
  },
  render: (context) => ({
    processes: [
      process({
        name: 'mariadb',
        service: 'mariadb',
        image: 'mariadb',
        command: ['/usr/local/bin/start-mariadb'],
        user: userOf('mysql'),
        files: [
          file(`${CONFIG_DIR}/my.cnf`, serverConfig(context), { gid: users.mysql, secret: false }),
          file(`${CONFIG_DIR}/peers`, `${context.instances('mariadb').join('\n')}\n`, {
            gid: users.mysql,
            secret: false,
          }),
          file(`${CONFIG_DIR}/init.sql`, grants(context), { gid: users.mysql, reloadable: true }),
        ],
        volumes: [{ volume: 'mariadb', path: '/var/lib/mysql', sizeGiB: 20 }],
        tmpfs: ['/tmp', '/run/mysqld'],
        replicas: context.replicas('mariadb'),
        ports: [
          { name: 'mysql', port: 3306 },
          ...(context.replicas('mariadb') > 1 ? [{ name: 'state', port: STATE_PORT }] : []),
        ],
        reload: { command: ['bash', '-c', `${client.join(' ')} < ${CONFIG_DIR}/init.sql`] },
        health: shellHealth('exec check-mariadb', { startSeconds: 300 }),
        stop: { signal: 'SIGTERM', graceSeconds: 60 },
      }),
    ],
    jobs: [],
    tasks: [],
  }),
  ledger: {
    process: 'mariadb',
    user: userOf('mysql'),
    read: [...client, '--execute', 'SELECT name, hash FROM gantry.ledger'],
    record: [
      'bash',
      '-c',
      `while IFS=$'\\t' read -r name hash; do printf "REPLACE INTO gantry.ledger (name, hash) VALUES ('%s', '%s');\\n" "$name" "$hash"; done | ${client.join(' ')}`,
    ],
    schemas: ['schema-archive'],
  },
});

function serverConfig(context: RenderContext): string {
  const isCluster = context.replicas('mariadb') > 1;
  return `[mariadbd]
datadir = /var/lib/mysql
socket = /run/mysqld/mysqld.sock
pid-file = /run/mysqld/mariadbd.pid
bind-address = 0.0.0.0
skip-name-resolve
${isCluster ? '' : `init-file = ${CONFIG_DIR}/init.sql\n`}character-set-server = utf8mb4
collation-server = utf8mb4_general_ci
default-storage-engine = InnoDB
innodb_buffer_pool_size = 128M
innodb_log_file_size = 64M
innodb_log_buffer_size = 8M
innodb_flush_log_at_trx_commit = 1
# On since MariaDB 11.6: a transaction that writes what another one has changed since it read fails with error 1020 and
# is rolled back. OpenStack expects the behaviour of before: Nova leaves servers in ERROR and their networks out of date.
# https://bugs.launchpad.net/nova/+bug/2116186
innodb_snapshot_isolation = OFF
performance_schema = OFF
max_connections = 800
key_buffer_size = 1M
aria_pagecache_buffer_size = 8M
wait_timeout = 14400
${isCluster ? clusterConfig(context) : ''}`;
}

/** Galera's own 5, 15 and 3 s take an instance on a busy node for one that is lost. */
const PATIENCE = 'evs.suspect_timeout=PT10S; evs.inactive_timeout=PT30S; gmcast.peer_timeout=PT10S';

/**
 * A Galera cluster: a commit is on every instance before the client hears of it. Users and databases are made by the
 * start script, once the instance is one of the cluster. Instances that take no writes are preferred as donors.
 */
function clusterConfig(context: RenderContext): string {
  const instances = context.instances('mariadb');
  const donors = instances.map((_, ordinal) => `mariadb-${ordinal}`).reverse();
  return `binlog_format = ROW
innodb_autoinc_lock_mode = 2
wsrep_on = ON
wsrep_provider = /usr/lib/galera/libgalera_smm.so
wsrep_provider_options = "gcache.size=128M; gcache.recover=yes; ${PATIENCE}"
wsrep_cluster_name = ${context.cloud}
wsrep_cluster_address = gcomm://${instances.join()}
wsrep_slave_threads = 2
wsrep_sst_method = mariabackup
wsrep_sst_auth = mysql:
wsrep_sst_donor = ${donors.join()},
`;
}

/**
 * Databases, users and the ledger, in a form that may run any number of times: at every start and after every
 * change. Passwords are given as the hash that mysql_native_password keeps, so that none stands here in clear.
 */
function grants(context: RenderContext): string {
  const statements = [
    'CREATE DATABASE IF NOT EXISTS gantry',
    'CREATE TABLE IF NOT EXISTS gantry.ledger (name VARCHAR(190) PRIMARY KEY, hash CHAR(64) NOT NULL, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)',
  ];
  for (const { name } of context.declared.databases)
    statements.push(`CREATE DATABASE IF NOT EXISTS \`${name}\``);
  const withLogin = <Need extends { user: string; login?: string }>(need: Need) => ({
    ...need,
    login: need.login ?? need.user,
  });
  const logins = context.declared.databases.map(withLogin);
  const watchers = context.declared.databaseWatchers.map(withLogin);
  for (const [login, secret] of new Map([...logins, ...watchers].map((need) => [need.login, need.secret]))) {
    const hash = nativePasswordHash(context.secret(secret));
    statements.push(
      `CREATE USER IF NOT EXISTS '${login}'@'%' IDENTIFIED BY PASSWORD '${hash}'`,
      `ALTER USER '${login}'@'%' IDENTIFIED BY PASSWORD '${hash}'`,
    );
  }
  for (const { name, login } of logins) {
    statements.push(`GRANT ALL PRIVILEGES ON \`${name}\`.* TO '${login}'@'%'`);
  }
  // It sees what is going on, also in statements of others.
  for (const { login } of watchers) {
    statements.push(`GRANT PROCESS ON *.* TO '${login}'@'%' WITH MAX_USER_CONNECTIONS 10`);
  }
  for (const user of context.retired.databaseUsers) statements.push(`DROP USER IF EXISTS '${user}'@'%'`);
  return `${statements.join(';\n')};\n`;
}

/** MariaDB's PASSWORD(): `*` and the upper-case hex of SHA1(SHA1(password)). */
function nativePasswordHash(password: string): string {
  const inner = createHash('sha1').update(password).digest();
  return `*${createHash('sha1').update(inner).digest('hex').toUpperCase()}`;
}
