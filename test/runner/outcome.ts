import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** What a suite came to. */
export interface Outcome {
  passed: number;
  failed: number;
  /** Lines for whoever has to find out why. */
  failures: string[];
  /** All that took a while, in seconds. */
  tests: { name: string; seconds: number }[];
}

/** Vitest's JSON report (https://vitest.dev/guide/reporters#json-reporter), as far as it is read. Durations are in ms. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: {
      fullName: string;
      status: string;
      duration?: number | null;
      failureMessages?: string[];
    }[];
  }[];
}

const FIRST_LINES = 8;
const LAST_LINES = 16;
const LINE_LENGTH = 300;

/** What one run of Vitest came to, from the path of its JSON report: each failed test with the beginning and the end of what it said. */
export async function readOutcome(path: string): Promise<Outcome> {
  return toOutcome(JSON.parse(await readFile(path, 'utf8')) as Report);
}

export function toOutcome(report: Report): Outcome {
  const failures: string[] = [];
  const tests: Outcome['tests'] = [];
  let broken = 0;
  for (const { name: file, status, message = '', assertionResults } of report.testResults) {
    const name = relative('.', file);
    for (const { fullName, duration } of assertionResults) {
      if (duration) tests.push({ name: `${name} > ${fullName}`, seconds: duration / 1000 });
    }
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
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken, failures, tests };
}

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
