import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * What one run of Vitest came to, from its JSON report (https://vitest.dev/guide/reporters#json-reporter): a line
 * `PASSED FAILED`, and then each failed test with the beginning and the end of what it said.
 */

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

const FIRST_LINES = 8;
const LAST_LINES = 16;
const LINE_LENGTH = 300;

/** The text without colours and stacks, cut in its middle. */
function shorten(text: string): string[] {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .map((line) => line.slice(0, LINE_LENGTH));
  const left = lines.length - FIRST_LINES - LAST_LINES;
  if (left <= 1) return lines;
  return [...lines.slice(0, FIRST_LINES), `(${left} lines)`, ...lines.slice(-LAST_LINES)];
}

const path = process.argv[2];
if (path === undefined) throw new Error('the path of a report is missing');
const report = JSON.parse(await readFile(path, 'utf8')) as Report;
const failures: string[] = [];
let broken = 0;
for (const { name: file, status, message = '', assertionResults } of report.testResults) {
  const name = relative('.', file);
  const failed = assertionResults.filter((one) => one.status === 'failed');
  for (const { fullName, failureMessages = [] } of failed) {
    failures.push(
      `FAILED ${name} > ${fullName}`,
      ...shorten(failureMessages.join('\n')).map((line) => `  ${line}`),
    );
  }
  // What is outside of its tests, such as the import of something that there is not.
  if (status === 'failed' && failed.length === 0) {
    broken += 1;
    failures.push(`FAILED ${name}`, ...shorten(message).map((line) => `  ${line}`));
  }
}
const counts = `${report.numPassedTests} ${report.numFailedTests + broken}`;
process.stdout.write([counts, ...failures, ''].join('\n'));
