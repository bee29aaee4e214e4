import type { RenderContext } from '../../src/model/context.ts';
import type { MetricsSource } from '../../src/model/declaration.ts';
import { jsonFile } from '../../src/model/make.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';
import { passwordHash } from '../common/password-hash.ts';
import { CACHE_EXPORTER, CACHE_PORT, cacheServers, DATABASE_EXPORTER, DATABASE_PORT } from './exporters.ts';
import { CLIENT_FILE, PASSWORD, PORT, USER } from './names.ts';
import type { MetricsSettings } from './settings.ts';

type Context = RenderContext<MetricsSettings>;

const EXPECTED_FILE = `${CONFIG_DIR}/expected.json`;
const owner = { gid: users.prometheus };
/** It takes these up when it is told to, or reads them whenever somebody asks. */
const reloadable = <File extends RenderedFile>(one: File): File => ({ ...one, reloadable: true });

/** Prometheus's own format, of which JSON is a form: https://prometheus.io/docs/prometheus/2.53/configuration/configuration/ */
export function configuration(context: Context): RenderedFile {
  const { scrape, alertmanagers } = context.settings.metrics;
  // All that is told bears the cloud's name, wherever it is brought.
  const named = { target_label: 'cloud', replacement: context.cloud };
  const login = { username: USER, password: context.secret(PASSWORD) };
  const content = {
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    rule_files: ['/usr/share/gantry/rules/*.yaml', EXPECTED_FILE],
    ...(alertmanagers.length > 0
      ? { alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] } }
      : {}),
    scrape_configs: [
      {
        job_name: 'prometheus',
        basic_auth: login,
        static_configs: [{ targets: [`localhost:${PORT}`] }],
        relabel_configs: [named],
      },
      ...context.declared.metricsSources.map((source) => ({
        job_name: source.name,
        metrics_path: source.path ?? '/metrics',
        ...(source.parameters ? { params: source.parameters } : {}),
        ...targetsOf(context, source),
        relabel_configs: [named],
      })),
      databaseJob(context, named),
      {
        job_name: 'memcached',
        // With times of its own, what is told no more would count for five minutes.
        honor_timestamps: false,
        static_configs: [{ targets: [`${CACHE_EXPORTER}:${CACHE_PORT}`] }],
        relabel_configs: [named],
      },
      // What they tell of may be of several clouds, and says so by itself.
      ...(scrape.length > 0
        ? [{ job_name: 'others', honor_labels: true, static_configs: [{ targets: scrape }] }]
        : []),
    ],
  };
  return reloadable(jsonFile(`${CONFIG_DIR}/prometheus.json`, content, owner));
}

/** Instances are asked by their names, or where they have none, wherever a name for all of them leads to. */
function targetsOf({ hosts, replicas, domain }: Context, { process, each, port }: MetricsSource): object {
  return each === undefined || replicas(process) === 1
    ? { static_configs: [{ targets: hosts(process).map((host) => `${host}:${port}`) }] }
    : { dns_sd_configs: [{ names: [`${each}${domain}.`], type: 'A', port, refresh_interval: '15s' }] };
}

/** The exporter asks the server that it is told of: https://github.com/prometheus/mysqld_exporter#multi-target-support */
function databaseJob(context: Context, named: object): object {
  const { instances, port } = take(context, 'database');
  return {
    job_name: 'mariadb',
    metrics_path: '/probe',
    static_configs: [{ targets: instances.map((host) => `${host}:${port}`) }],
    relabel_configs: [
      { source_labels: ['__address__'], target_label: '__param_target' },
      { source_labels: ['__address__'], target_label: 'instance' },
      { target_label: '__address__', replacement: `${DATABASE_EXPORTER}:${DATABASE_PORT}` },
      named,
    ],
  };
}

/** collectd says nothing of a server of Memcached that is away: this says which there are to be. */
export function expectedFile(context: Context): RenderedFile {
  const rules = cacheServers(context).map(({ name }) => ({
    record: 'gantry:memcached_expected',
    expr: 'vector(1)',
    labels: { cloud: context.cloud, memcached: name },
  }));
  const content = { groups: [{ name: 'expected', rules }] };
  return { ...reloadable(jsonFile(EXPECTED_FILE, content, owner)), secret: false };
}

/** How it lets in whom: https://prometheus.io/docs/prometheus/2.53/configuration/https/ */
export function clientFiles(context: Context): RenderedFile[] {
  const password = context.secret(PASSWORD);
  const web = { basic_auth_users: { [USER]: passwordHash(password) } };
  const client = { basic_auth: { username: USER, password } };
  return [
    reloadable(jsonFile(`${CONFIG_DIR}/web.json`, web, owner)),
    reloadable(jsonFile(CLIENT_FILE, client, owner)),
  ];
}
