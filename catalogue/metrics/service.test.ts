import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { type CloudInput, renderCloud } from '../../test/contract/cloud.ts';
import status from './status.ts';

const services = await loadCatalogue(projectRoot());

function rendered(input: CloudInput = {}, all = services) {
  const { processes } = renderCloud(all, input).desired;
  return (process: string) => {
    const found = processes.find(({ name }) => name === process);
    if (!found) throw new Error(`no process ${process}`);
    const fileOf = (end: string) => found.files.find(({ path }) => path.endsWith(end))?.content ?? '';
    return { ...found, fileOf };
  };
}

interface Job {
  job_name: string;
  static_configs?: { targets: string[] }[];
  dns_sd_configs?: { names: string[]; port: number }[];
}

function jobs(input: CloudInput = {}): Record<string, Job> {
  const content = rendered(input)('prometheus').fileOf('/prometheus.json');
  const { scrape_configs: all } = JSON.parse(content) as { scrape_configs: Job[] };
  return Object.fromEntries(all.map((job) => [job.job_name, job]));
}

describe('what is asked', () => {
  test('is every process that tells of itself, and the exporters of those that do not', () => {
    const targets = Object.entries(jobs()).map(([name, job]) => [name, job.static_configs?.[0]?.targets]);
    expect(Object.fromEntries(targets)).toEqual({
      prometheus: ['localhost:9090'],
      haproxy: ['haproxy:8404'],
      rabbitmq: ['rabbitmq:15692'],
      'rabbitmq-queues': ['rabbitmq:15692'],
      mariadb: ['mariadb:3306'],
      memcached: ['memcached-exporter:9103'],
    });
  });

  test('is each instance of those that have several', () => {
    const several = jobs({
      config: { replicas: { haproxy: 2, mariadb: 3 } },
      facts: { instanceDomain: '.{process}-peers.test', domain: '.test' },
    });
    expect(several.haproxy?.dns_sd_configs).toMatchObject([{ names: ['haproxy-each.test.'], port: 8404 }]);
    expect(several.mariadb?.static_configs?.[0]?.targets).toEqual([
      'mariadb-0.mariadb-peers.test:3306',
      'mariadb-1.mariadb-peers.test:3306',
      'mariadb-2.mariadb-peers.test:3306',
    ]);
  });

  test('is what is declared, with its parameters', () => {
    expect(jobs()['rabbitmq-queues']).toMatchObject({
      metrics_path: '/metrics/detailed',
      params: { family: ['queue_coarse_metrics'] },
    });
  });

  test('is what cloud.yaml adds', () => {
    const { others } = jobs({ settings: { metrics: { scrape: ['192.0.2.10:9100'] } } });
    expect(others?.static_configs?.[0]?.targets).toEqual(['192.0.2.10:9100']);
  });
});

describe('where nobody asks', () => {
  const off = rendered(
    {},
    services.filter(({ name }) => name !== 'metrics'),
  );

  test('no port is open for it, no plugin runs and no user is let in', () => {
    const portsOf = (name: string) => off(name).ports.map(({ port }) => port);
    expect(portsOf('haproxy')).not.toContain(8404);
    expect(portsOf('rabbitmq')).toEqual([5672]);
    expect(off('rabbitmq').fileOf('/enabled_plugins')).toBe('[].\n');
    expect(off('mariadb').fileOf('/init.sql')).not.toContain('PROCESS');
  });
});

test('whoever asks reaches what it asks', () => {
  const processOf = rendered();
  expect(processOf('mariadb-exporter').reaches).toContain('mariadb');
  expect(processOf('memcached-exporter').reaches).toContain('memcached');
  expect(processOf('prometheus').reaches).toEqual(
    expect.arrayContaining(['haproxy', 'rabbitmq', 'mariadb-exporter', 'memcached-exporter']),
  );
});

test('the user of the database may see what it does, and is granted no table', () => {
  const grants = rendered()('mariadb')
    .fileOf('/init.sql')
    .split(';\n')
    .filter((statement) => statement.startsWith('GRANT') && statement.includes("'metrics'"));
  expect(grants).toEqual(["GRANT PROCESS ON *.* TO 'metrics'@'%' WITH MAX_USER_CONNECTIONS 10"]);
});

test('what goes first where it is full is said in bytes, and its volume has room for more', () => {
  const prometheus = rendered({ settings: { metrics: { size: '3Gi', keep: '24h' } } })('prometheus');
  expect(prometheus.command).toContain(`--storage.tsdb.retention.size=${3 * 2 ** 30}B`);
  expect(prometheus.command).toContain('--storage.tsdb.retention.time=24h');
  expect(prometheus.volumes[0]?.sizeGiB).toBe(5);
});

test('alerts are problems, the critical ones first, and say what they are about', () => {
  const alert = (metric: Record<string, string>) => ({
    metric: { __name__: 'ALERTS', alertstate: 'firing', cloud: 'gantry', ...metric },
    value: [0, '1'],
  });
  const { rows, problems } = status.read(
    JSON.stringify([
      alert({ alertname: 'CloudCacheDown', severity: 'warning', memcached: 'memcached' }),
      alert({ alertname: 'CloudServiceDown', severity: 'critical', job: 'haproxy', proxy: 'nova-api' }),
    ]),
  );
  expect(rows).toEqual([
    ['CloudServiceDown', 'critical', 'job=haproxy proxy=nova-api'],
    ['CloudCacheDown', 'warning', 'memcached=memcached'],
  ]);
  expect(problems).toEqual([
    'CloudServiceDown: job=haproxy proxy=nova-api',
    'CloudCacheDown: memcached=memcached',
  ]);
});
