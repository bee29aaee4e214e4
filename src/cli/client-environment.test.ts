import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeEnvironment, overriding } from './client-environment.ts';

const cloud = {
  file: '/state of/$it/clouds.yaml',
  entry: 'gantry',
  hosts: ['192.0.2.7', 'cloud.example.org'],
};

/** The environment of what dash starts after it has evaluated the lines. */
function evaluate(environment: Record<string, string>): Record<string, string> {
  const lines = describeEnvironment({ ...cloud, environment }, 'sh');
  const { stdout } = spawnSync('dash', ['-c', `${lines}/usr/bin/env -0`], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', ...environment },
  });
  const entries = stdout.split('\0').filter((entry) => /^OS_|proxy/i.test(entry));
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
}

const chosen = { OS_CLIENT_CONFIG_FILE: cloud.file, OS_CLOUD: 'gantry' };

test('nothing of an openrc that was sourced before is left beside the cloud', () => {
  const openrc = Object.fromEntries(overriding.map((name) => [name, 'of another cloud']));
  expect(evaluate({ ...openrc, OS_CLOUD: 'other' })).toEqual(chosen);
});

test('what only looks like one of them stays', () => {
  expect(evaluate({ OS_RELEASE: 'trixie' })).toEqual({ ...chosen, OS_RELEASE: 'trixie' });
});

test('without a proxy nothing is said of one', () => {
  expect(evaluate({ no_proxy: 'localhost', http_proxy: '' })).toEqual({
    ...chosen,
    no_proxy: 'localhost',
    http_proxy: '',
  });
});

test.each([
  ['none', {}, '192.0.2.7,cloud.example.org'],
  [
    'those of either spelling',
    { no_proxy: 'localhost, .example.net', NO_PROXY: '10.0.0.0/8' },
    'localhost,.example.net,10.0.0.0/8,192.0.2.7,cloud.example.org',
  ],
  ['some of them', { NO_PROXY: '192.0.2.7' }, '192.0.2.7,cloud.example.org'],
  ['all', { no_proxy: '*' }, '*'],
])('with a proxy, and %s exempt from it, the cloud is in both spellings', (_, environment, expected) => {
  const proxied = { https_proxy: 'http://proxy:3128', ...environment };
  expect(evaluate(proxied)).toMatchObject({ no_proxy: expected, NO_PROXY: expected });
});
