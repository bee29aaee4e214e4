import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { scrapeFiles } from './scrape-config.ts';

const cloud = {
  config: { name: 'gantry' },
  desired: { monitoring: { url: 'https://192.0.2.1:9090', user: 'gantry', secret: 'metrics-user' } },
  secrets: { get: (name: string) => `the ${name}` },
  authority: 'PEM\n',
} as Parameters<typeof scrapeFiles>[0];

test('another Prometheus is given what it asks, and the password in a file of its own', () => {
  const [config, password, authority] = scrapeFiles(cloud);
  expect(parse(config?.content ?? '')).toMatchObject({
    scrape_configs: [
      {
        params: { 'match[]': ['{cloud="gantry"}'] },
        basic_auth: { username: 'gantry', password_file: 'password' },
        tls_config: { ca_file: 'authority.pem' },
        static_configs: [{ targets: ['192.0.2.1:9090'] }],
      },
    ],
  });
  expect(config?.content).not.toContain('the metrics-user');
  expect(password).toEqual({ name: 'password', content: 'the metrics-user', mode: 0o600 });
  expect(authority?.content).toBe('PEM\n');
});

test('a certificate that was given is of an authority that is known', () => {
  const [config, ...others] = scrapeFiles({ ...cloud, authority: undefined });
  expect(config?.content).not.toContain('tls_config');
  expect(others.map(({ name }) => name)).toEqual(['password']);
});

test('a cloud without one says how it gets it', () => {
  expect(() => scrapeFiles({ ...cloud, desired: {} as typeof cloud.desired })).toThrow('has no Prometheus');
});
