import { publicUrl, type RenderContext } from '../../src/model/context.ts';
import type { ServiceDeclaration } from '../../src/model/declaration.ts';
import { shellHealth, tcpHealth } from '../../src/model/health.ts';
import { file, process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { parseQuantity } from '../../src/model/settings/units.ts';
import { take, taking } from '../../src/model/take.ts';
import { userOf, users } from '../../src/model/users.ts';
import { CONFIG_DIR, type Process } from '../../src/model/workload.ts';
import { clientFiles, configuration, expectedFile } from './config.ts';
import {
  CACHE_EXPORTER,
  CACHE_PORT,
  collectdFile,
  DATABASE_EXPORTER,
  DATABASE_PORT,
  databaseLogin,
} from './exporters.ts';
import { PASSWORD, PORT, PROCESS, USER } from './names.ts';
import { type MetricsSettings, settings } from './settings.ts';

const GIB = 1024 ** 3;
const DATA = '/var/lib/prometheus';
const FRONTEND = 'monitoring';

type Context = RenderContext<MetricsSettings>;

const common = { service: 'metrics', image: 'metrics', user: userOf('prometheus') };

export default defineService({
  name: 'metrics',
  summary: 'Metrics of the processes that others share, and alerts on them',
  byDefault: false,
  required: false,
  processNames: {
    [PROCESS]: { replicas: false },
    [DATABASE_EXPORTER]: { replicas: false },
    [CACHE_EXPORTER]: { replicas: false },
  },
  dataVolumes: [PROCESS],
  settings,
  declare: (): ServiceDeclaration => ({
    secrets: [
      { name: PASSWORD, kind: 'password' },
      { name: 'metrics-database', kind: 'password' },
    ],
    databaseWatchers: [{ user: 'metrics', secret: 'metrics-database' }],
    frontends: [{ name: FRONTEND, kind: 'http', process: PROCESS, port: PORT, publicPort: PORT }],
  }),
  gives: {
    monitoring: (context) => ({
      access: { url: publicUrl(context, FRONTEND, PORT), user: USER, secret: PASSWORD },
      after: [],
      reaches: [],
    }),
  },
  render: (context) => ({
    processes: [
      // What it asks comes and goes: it waits for none of it.
      taking(context, prometheus, ['database', 'cache']),
      taking(context, databaseExporter, ['database']),
      taking(context, cacheExporter, ['cache']),
    ],
    jobs: [],
    tasks: [],
  }),
});

function prometheus(context: Context): Process {
  const { keep, size } = context.settings.metrics;
  const bytes = parseQuantity(size) as number;
  return process({
    ...common,
    name: PROCESS,
    command: [
      'prometheus',
      `--config.file=${CONFIG_DIR}/prometheus.json`,
      `--web.config.file=${CONFIG_DIR}/web.json`,
      `--web.listen-address=:${PORT}`,
      `--web.external-url=${publicUrl(context, FRONTEND, PORT)}`,
      `--storage.tsdb.path=${DATA}`,
      `--storage.tsdb.retention.time=${keep}`,
      `--storage.tsdb.retention.size=${bytes}B`,
      '--log.level=warn',
    ],
    files: [configuration(context), expectedFile(context), ...clientFiles(context)],
    // What is written last counts, and does not go.
    volumes: [{ volume: PROCESS, path: DATA, sizeGiB: Math.ceil((bytes * 1.5) / GIB) }],
    ports: [{ name: 'prometheus', port: PORT }],
    reaches: [
      DATABASE_EXPORTER,
      CACHE_EXPORTER,
      ...context.declared.metricsSources.map(({ process: source }) => source),
    ],
    reload: { signal: 'SIGHUP' },
    health: shellHealth(
      `exec promtool check ready --http.config.file=${CONFIG_DIR}/client.json --url=http://127.0.0.1:${PORT} 2>&1`,
    ),
    stop: { signal: 'SIGTERM', graceSeconds: 30 },
  });
}

/** It is told by Prometheus which servers there are, and connects to them. */
function databaseExporter(context: Context): Process {
  take(context, 'database');
  return process({
    ...common,
    name: DATABASE_EXPORTER,
    command: [
      'prometheus-mysqld-exporter',
      `--config.my-cnf=${CONFIG_DIR}/client.cnf`,
      `--web.listen-address=:${DATABASE_PORT}`,
      '--no-collect.slave_status',
      '--no-collect.info_schema.query_response_time',
      '--log.level=error',
    ],
    files: [databaseLogin(context)],
    ports: [{ name: 'metrics', port: DATABASE_PORT }],
    health: tcpHealth(DATABASE_PORT),
  });
}

function cacheExporter(context: Context): Process {
  return process({
    ...common,
    name: CACHE_EXPORTER,
    command: ['collectd', '-f', '-C', `${CONFIG_DIR}/collectd.conf`],
    files: [
      file(`${CONFIG_DIR}/collectd.conf`, collectdFile(context), { gid: users.prometheus, secret: false }),
    ],
    ports: [{ name: 'metrics', port: CACHE_PORT }],
    health: tcpHealth(CACHE_PORT),
  });
}
