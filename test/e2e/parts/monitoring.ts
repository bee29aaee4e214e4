import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { waitUntil } from '../gantry.ts';
import type { GroupCloud } from '../group-cloud.ts';
import { expectDone } from './cloud.ts';

const DASHBOARD = join(import.meta.dirname, '../../../examples/grafana/cloud.json');

interface Sample {
  metric: Record<string, string>;
}

/** The Prometheus of a cloud, as others reach it: by what is written for them. */
class Monitor {
  private constructor(
    private readonly host: string,
    private readonly user: string,
    private readonly password: string,
    private readonly authority: string,
  ) {}

  static async open(use: () => GroupCloud): Promise<Monitor> {
    const { gantry, directory } = use();
    const written = join(directory, 'scrape');
    await expectDone(use(), 'metrics', '--scrape-config', written);
    const read = (name: string) => readFile(join(written, name), 'utf8');
    const { scrape_configs } = parse(await read(`gantry-${gantry.name}.yaml`));
    const [{ basic_auth, static_configs, tls_config }] = scrape_configs;
    return new Monitor(
      static_configs[0].targets[0],
      basic_auth.username,
      await read(basic_auth.password_file),
      await read(tls_config.ca_file),
    );
  }

  async get(path: string, password = this.password): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const options = { ca: this.authority, auth: `${this.user}:${password}`, timeout: 30_000 };
      const asked = request(`https://${this.host}${path}`, options, (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      });
      asked.on('timeout', () => asked.destroy(new Error(`${path} was not answered in 30 s`)));
      asked.on('error', reject);
      asked.end();
    });
  }

  async query(expression: string): Promise<Sample[]> {
    const { status, body } = await this.get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
    expect(status, `${expression}: ${body}`).toBe(200);
    return (JSON.parse(body) as { data: { result: Sample[] } }).data.result;
  }

  /** Alerts that hold, with what they are about. */
  async alerts(): Promise<Record<string, string>[]> {
    return (await this.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric);
  }
}

/** The metrics that expressions of PromQL ask for: a word before a selector, an operator or the end, which is no function. */
export function metricsIn(expression: string): string[] {
  const bare = expression.replace(/"[^"]*"/g, '""').replace(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, '');
  const words = bare
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\()\b(?!\s*\()/g);
  return [...new Set([...words].map(([word]) => word))].filter((word) => word.includes('_') || word === 'up');
}

/** What is told of the processes that others share, of a cloud with metrics. */
export function testMonitoring(use: () => GroupCloud): void {
  test('another Prometheus gets all that is told by what is written for it, and nobody without the password', async () => {
    const monitor = await Monitor.open(use);
    const path = `/federate?match[]=${encodeURIComponent('{cloud!=""}')}`;
    const { status, body } = await monitor.get(path);
    expect(status).toBe(200);
    const wanted = ['haproxy_process_start_time_seconds', 'mysql_up', 'rabbitmq_connections'];
    const isTold = (name: string) =>
      new RegExp(`^${name}\\{.*cloud="${use().gantry.name}".*\\} \\S+ \\d+$`, 'm').test(body);
    expect(wanted.filter((name) => !isTold(name))).toEqual([]);
    expect((await monitor.get(path, 'wrong')).status).toBe(401);
  });

  test('everything that the dashboard shows is told', async () => {
    const monitor = await Monitor.open(use);
    const { panels } = JSON.parse(await readFile(DASHBOARD, 'utf8')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(shown.length).toBeGreaterThan(20);
    for (const expr of shown) {
      await monitor.query(expr.replaceAll('$cloud', use().gantry.name).replaceAll('$__rate_interval', '1m'));
    }
    const wanted = [...new Set(shown.flatMap(metricsIn))].sort();
    await waitUntil('all metrics of the dashboard', 60_000, async () => {
      const told = await monitor.query(`count by (__name__) ({__name__=~"${wanted.join('|')}"})`);
      const names = told.map(({ metric: { __name__: name } }) => name);
      const missing = wanted.filter((name) => !names.includes(name));
      if (missing.length > 0) throw new Error(`nobody tells ${missing.join(', ')}`);
      return true;
    });
  });
}

/** Alerts on what is really so: they hold for a minute before they are told. */
export function testAlerts(use: () => GroupCloud): void {
  const away = ['memcached', 'glance-api', 'rabbitmq'];
  const expected = [
    { alertname: 'CloudCacheDown', memcached: 'memcached' },
    { alertname: 'CloudServiceDown', proxy: 'glance-api' },
    { alertname: 'CloudProcessSilent', job: 'rabbitmq' },
  ];

  test('what is away is told of within two minutes, in the status as well, and no more once it is back', async () => {
    const { gantry, containers } = use();
    const monitor = await Monitor.open(use);
    expect(await monitor.alerts()).toEqual([]);
    try {
      for (const process of away) await containers.kill(process);
      await waitUntil('the alerts', 150_000, async () => {
        const alerts = await monitor.alerts();
        const told = ({ alertname }: { alertname: string }) =>
          alerts.some((alert) => alert.alertname === alertname);
        return expected.every(told) ? true : undefined;
      });
      expect(await monitor.alerts()).toEqual(
        expect.arrayContaining(expected.map((alert) => expect.objectContaining(alert))),
      );
      const { code, stdout } = await gantry.run('status');
      expect(code).toBe(1);
      expect(stdout).toMatch(/CloudServiceDown +critical +.*proxy=glance-api/);
    } finally {
      for (const process of away) await containers.start(process);
    }
    await containers.waitUntilHealthy(120_000);
    await waitUntil('no alert', 90_000, async () =>
      (await monitor.alerts()).length === 0 ? true : undefined,
    );
  });
}
