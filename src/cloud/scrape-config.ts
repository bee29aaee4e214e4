import { stringify } from 'yaml';
import { GantryError } from '../errors.ts';
import type { Cloud } from './cloud.ts';

/** A file of a directory that another Prometheus is given. */
export interface ScrapeFile {
  name: string;
  content: string;
  /** Permission bits. */
  mode: number;
}

const PASSWORD_FILE = 'password';
const AUTHORITY_FILE = 'authority.pem';

/**
 * By what another Prometheus, since 2.43, takes all that the one of the cloud has: a file for its `scrape_config_files`, and
 * beside it the password and the authority of the certificate that it names.
 * https://prometheus.io/docs/prometheus/latest/federation/ Throws `metrics.off` where the cloud has none.
 */
export function scrapeFiles({
  config: { name },
  desired: { monitoring },
  secrets,
  authority,
}: Pick<Cloud, 'config' | 'desired' | 'secrets' | 'authority'>): ScrapeFile[] {
  if (!monitoring) {
    throw new GantryError({
      code: 'metrics.off',
      whose: 'user',
      message: `the cloud ${name} has no Prometheus`,
      next: 'set services.metrics to true in cloud.yaml, then "gantry up"; without it "gantry metrics --to FILE" tells of processes',
    });
  }
  const job = {
    job_name: `gantry-${name}`,
    scheme: 'https',
    metrics_path: '/federate',
    honor_labels: true,
    params: { 'match[]': [`{cloud="${name}"}`] },
    basic_auth: { username: monitoring.user, password_file: PASSWORD_FILE },
    ...(authority ? { tls_config: { ca_file: AUTHORITY_FILE } } : {}),
    static_configs: [{ targets: [new URL(monitoring.url).host] }],
  };
  return [
    { name: `gantry-${name}.yaml`, content: stringify({ scrape_configs: [job] }), mode: 0o644 },
    { name: PASSWORD_FILE, content: secrets.get(monitoring.secret), mode: 0o600 },
    ...(authority ? [{ name: AUTHORITY_FILE, content: authority, mode: 0o644 }] : []),
  ];
}
