import { groupSkips, slowestTests } from '../tempest/results.ts';
import type { TempestResult } from '../tempest/run.ts';
import { nameOfTest } from '../tempest/select.ts';
import { formatTable } from './table.ts';

const SLOWEST = 5;

/** The results of Tempest's tests, as a person reads them. */
export function describeTempest(result: TempestResult): string {
  const { results, missing, excluded } = result;
  const count = (kind: string): number => results.filter((one) => one.result === kind).length;
  const failed = results.filter((one) => one.result === 'failed');
  const left = excluded.reduce((sum, { tests }) => sum + tests.length, 0);
  const totals = [
    `${count('passed')} passed`,
    `${failed.length} failed`,
    `${count('skipped')} skipped`,
    ...(left > 0 ? [`${left} excluded`] : []),
    ...(missing.length > 0 ? [`${missing.length} without a result`] : []),
  ];
  return [
    section(
      'Failed',
      failed.map(({ id, detail }) => `${nameOfTest(id)}\n${indent(detail)}`),
    ),
    // Of a run that was cut short they are too many to be told.
    section('Without a result', result.problem === undefined ? missing.map(nameOfTest) : []),
    section('Skipped', groupSkips(results).map(describeGroup)),
    section('Excluded', excluded.map(describeGroup)),
    `${formatTable(
      ['SECONDS', { title: 'SLOWEST TESTS', wraps: true }],
      slowestTests(results, SLOWEST).map(({ id, seconds }) => [seconds.toFixed(1), nameOfTest(id)]),
    )}\n`,
    section('Left behind', result.leftBehind),
    ...(result.problem === undefined ? [] : [`The run did not come to its end: ${result.problem}\n`]),
    `${totals.join(', ')} in ${result.seconds.toFixed(0)} s\nKept in ${result.directory}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** A reason with the tests it is for, or how many where they are many. */
function describeGroup({ reason, tests }: { reason: string; tests: string[] }): string {
  const only = tests.length === 1 ? nameOfTest(tests[0] as string) : `${tests.length} tests`;
  return `${only}: ${reason}`;
}

function section(title: string, lines: string[]): string {
  return lines.length === 0 ? '' : `${title}:\n${lines.map(indent).join('\n')}\n`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
