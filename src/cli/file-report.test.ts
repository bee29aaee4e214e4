import { expect, test } from 'vitest';
import { renderCloud } from '../../test/contract/cloud.ts';
import { findFile } from '../cloud/rendered-file.ts';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import { formatOrigins, listOrigins } from './file-report.ts';

const { desired } = renderCloud(await loadCatalogue(projectRoot()), {
  config: { config: { 'nova.conf': { DEFAULT: { debug: true } } } },
});
const workloads = [...desired.processes, ...desired.jobs];
const place = { file: 'cloud.yaml', line: 4, column: 9, text: '      debug: true' };

test('each option tells its line of cloud.yaml, what services share, or the service', () => {
  const { workload, file } = findFile(workloads, { file: 'nova.conf', workload: 'nova-api' });
  const shown = listOrigins(workload, file, { 'config.nova.conf.DEFAULT.debug': place });
  const originOf = (line: string) => shown.find((one) => one.line === line)?.origin;
  expect(originOf('[DEFAULT] debug')).toBe('cloud.yaml:4:9');
  expect(originOf('[DEFAULT] transport_url')).toBe('catalogue/common: messages');
  expect(originOf('[database] connection')).toBe('catalogue/common: database');
  expect(originOf('[DEFAULT] state_path')).toBe('catalogue/nova');
  expect(formatOrigins(file, shown)).toMatch(/^\[DEFAULT\] debug +true +cloud\.yaml:4:9$/m);
});

test('a file that is not of oslo.config is from its service, line by line', () => {
  const { workload, file } = findFile(workloads, { file: '/etc/gantry/haproxy.cfg', workload: 'haproxy' });
  const shown = listOrigins(workload, file, {});
  expect(shown.map(({ line }) => line).join('\n')).toBe(file.content.trimEnd());
  expect(new Set(shown.map(({ origin }) => origin))).toEqual(new Set(['catalogue/haproxy']));
});

test.each([
  [{ file: 'nova.conf', workload: 'nova-apj' }, /no process or job "nova-apj"; did you mean "nova-api"/],
  [{ file: 'nova.cnf', workload: 'nova-api' }, /nova-api has no file "nova.cnf"; did you mean "nova.conf"/],
])('%o is a usage error with the nearest name', (wanted, message) => {
  expect(() => findFile(workloads, wanted)).toThrow(message);
});
