import { describe, expect, it } from 'vitest';
import { renderJunit } from './junit.ts';
import { groupSkips, ResultCollector, slowestTests, type TestResult } from './results.ts';
import type { SubunitEvent, SubunitStatus } from './subunit.ts';

const ids = ['a.One.test_a[id-1]', 'a.One.test_b[id-2]', 'b.Two.test_c[id-3]'];

function event(testId: string, status: SubunitStatus, at?: number, file?: [string, string]): SubunitEvent {
  const content = file && { name: file[0], bytes: Buffer.from(file[1]) };
  return { testId, status, at, file: content };
}

function collect(...events: SubunitEvent[]) {
  const collector = new ResultCollector(ids);
  for (const one of events) collector.add(one);
  return collector.summarize();
}

const traceback = `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/tempest/api/x.py", line 3, in test_c
    self.client.show()
tempest.lib.exceptions.NotFound: Object not found
Details: {'code': 404}`;

describe('ResultCollector', () => {
  it('times tests and tells passed, failed and missing ones apart', () => {
    const { results, missing } = collect(
      event(ids[2] as string, 'inprogress', 1000),
      event(ids[0] as string, 'inprogress', 1000),
      event(ids[2] as string, 'undefined', undefined, ['traceback', traceback.slice(0, 30)]),
      event(ids[2] as string, 'undefined', undefined, ['traceback', traceback.slice(30)]),
      event(ids[2] as string, 'undefined', undefined, ['pythonlogging', 'GET /servers']),
      event(ids[2] as string, 'fail', 4500),
      event(ids[0] as string, 'success', 2000),
    );
    expect(missing).toEqual([ids[1]]);
    expect(results).toEqual([
      { id: ids[0], result: 'passed', seconds: 1, detail: '' },
      {
        id: ids[2],
        result: 'failed',
        seconds: 3.5,
        detail: "tempest.lib.exceptions.NotFound: Object not found\nDetails: {'code': 404}",
        report: `${traceback}\n\npythonlogging:\nGET /servers`,
      },
    ]);
  });

  it('says where an error that explains nothing is from', () => {
    const bare = traceback.replace(/NotFound.*$/s, 'TimeoutException: Request timed out');
    const { results } = collect(
      event(ids[2] as string, 'fail', 1000, ['traceback', bare.replace('api/x.py', 'common/waiters.py')]),
    );
    expect(results[0]?.detail).toBe(
      'tempest.lib.exceptions.TimeoutException: Request timed out\nin test_c, tempest/common/waiters.py:3',
    );
  });

  it('gives the tests of a class the result of setting it up', () => {
    const { results, missing } = collect(
      event('setUpClass (a.One)', 'skip', 1000, ['reason', 'no volumes here']),
      event(ids[2] as string, 'success', 1000),
    );
    expect(missing).toEqual([]);
    expect(results.map(({ result, detail }) => [result, detail])).toEqual([
      ['skipped', 'no volumes here'],
      ['skipped', 'no volumes here'],
      ['passed', ''],
    ]);
  });

  it('reports a class that could not be cleaned up besides its tests', () => {
    const { results } = collect(
      event(ids[2] as string, 'success', 1000),
      event('tearDownClass (b.Two)', 'fail', 2000, ['traceback', 'ValueError: left']),
    );
    expect(results.map(({ id, result }) => [id, result])).toEqual([
      [ids[2], 'passed'],
      ['tearDownClass (b.Two)', 'failed'],
    ]);
  });
});

describe('summaries', () => {
  const skipped = (id: string, detail: string): TestResult => ({ id, result: 'skipped', seconds: 0, detail });

  it('group skips by reason, the most frequent first', () => {
    const results = [
      skipped('1', 'rare'),
      skipped('2', 'One skipped as often'),
      skipped('3', 'Two skipped as often'),
    ];
    expect(groupSkips(results)).toEqual([
      { reason: 'often', tests: ['2', '3'] },
      { reason: 'rare', tests: ['1'] },
    ]);
  });

  it('name the slowest tests', () => {
    const passed = (id: string, seconds: number): TestResult => ({
      id,
      result: 'passed',
      seconds,
      detail: '',
    });
    const found = slowestTests([passed('1', 2), passed('2', 9), passed('3', 4)], 2);
    expect(found.map(({ id }) => id)).toEqual(['2', '3']);
  });
});

describe('renderJunit', () => {
  it('counts, and writes any text as XML', () => {
    const failed: TestResult = {
      id: 'a.One.test_a[id-1]',
      result: 'failed',
      seconds: 1.5,
      detail: '"x" < y\n&',
      report: 'line\u001b[1m\nother',
    };
    expect(renderJunit('tempest smoke', [failed], ['b.Two.test_c[id-3]'])).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuite name="tempest smoke" tests="2" failures="1" errors="1" skipped="0" time="1.500">',
        '<testcase classname="a.One" name="test_a" time="1.500">' +
          '<failure message="&quot;x&quot; &lt; y&#10;&amp;">line[1m\nother</failure></testcase>',
        '<testcase classname="b.Two" name="test_c" time="0.000"><error message="reported no result"/></testcase>',
        '</testsuite>',
        '',
      ].join('\n'),
    );
  });
});
