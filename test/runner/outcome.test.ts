import { expect, test } from 'vitest';
import { toOutcome } from './outcome.ts';

const file = `${process.cwd()}/test/e2e/some.test.ts`;

test('failed tests say which and what, without colours, stacks and the middle of long texts', () => {
  const long = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
  const outcome = toOutcome({
    numPassedTests: 1,
    numFailedTests: 1,
    testResults: [
      {
        name: file,
        status: 'failed',
        assertionResults: [
          { fullName: 'the cloud comes up', status: 'passed', duration: 1500 },
          {
            fullName: 'the cloud goes',
            status: 'failed',
            duration: 20,
            failureMessages: [`\u001b[31mbroken\u001b[39m\n    at there (file.ts:1:1)\n${long}`],
          },
        ],
      },
    ],
  });
  expect(outcome).toMatchObject({ passed: 1, failed: 1 });
  expect(outcome.tests).toEqual([
    { name: 'test/e2e/some.test.ts > the cloud comes up', seconds: 1.5 },
    { name: 'test/e2e/some.test.ts > the cloud goes', seconds: 0.02 },
  ]);
  expect(outcome.failures.slice(0, 3)).toEqual([
    'FAILED test/e2e/some.test.ts > the cloud goes',
    '  broken',
    '  line 0',
  ]);
  expect(outcome.failures).toContain('  (17 lines)');
  expect(outcome.failures.at(-1)).toBe('  line 39');
});

test('a file that cannot be loaded is one failure', () => {
  const outcome = toOutcome({
    numPassedTests: 0,
    numFailedTests: 0,
    testResults: [{ name: file, status: 'failed', message: 'no such module', assertionResults: [] }],
  });
  expect(outcome).toEqual({
    passed: 0,
    failed: 1,
    failures: ['FAILED test/e2e/some.test.ts', '  no such module'],
    tests: [],
  });
});
