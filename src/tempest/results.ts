import type { SubunitEvent } from './subunit.ts';

export interface TestResult {
  /** As Tempest gives it, with UUID and attributes. */
  id: string;
  result: 'passed' | 'failed' | 'skipped';
  /** Of the test itself, without what its class sets up. */
  seconds: number;
  /** Why it was skipped, or what a failed one says: the last lines of its traceback. */
  detail: string;
  /** All that a failed one reports: traceback and log. */
  report?: string;
}

/** `setUpClass (package.module.Class)`: what the tests of a class share, reported where it fails or skips. */
const OF_CLASS = /^(setUpClass|tearDownClass) \((.+)\)$/;
const DETAIL_LINES = 6;
/** A frame of a traceback of Python; the file without the directory of the packages. */
const FRAME = /^\s+File "(?:.*\/dist-packages\/)?([^"]+)", line (\d+), in (.+)$/;

/** Gathers the results of tests from the events of a run. */
export class ResultCollector {
  private readonly running = new Map<
    string,
    { startedAt: number | undefined; files: Map<string, Buffer[]> }
  >();
  private readonly finished = new Map<string, TestResult>();

  /** @param tests ids of the tests that are to run */
  constructor(
    private readonly tests: readonly string[],
    private readonly onResult: (result: TestResult, finished: number) => void = () => {},
  ) {}

  add(event: SubunitEvent): void {
    const { testId, status, at, file } = event;
    if (testId === undefined || status === 'exists') return;
    const test = this.running.get(testId) ?? { startedAt: at, files: new Map<string, Buffer[]>() };
    this.running.set(testId, test);
    if (file) test.files.set(file.name, [...(test.files.get(file.name) ?? []), Buffer.from(file.bytes)]);
    const result = resultOf(status);
    if (!result) return;
    this.running.delete(testId);
    const seconds = Math.max(0, ((at ?? 0) - (test.startedAt ?? at ?? 0)) / 1000);
    this.finish({ id: testId, result, seconds, ...describeFiles(result, test.files) });
  }

  /** What is known now, in the order of the tests; those that reported nothing are in `missing`. */
  summarize(): { results: TestResult[]; missing: string[] } {
    const order = new Map(this.tests.map((id, index) => [id, index]));
    const results = [...this.finished.values()].sort(
      (a, b) => (order.get(a.id) ?? order.size) - (order.get(b.id) ?? order.size),
    );
    return { results, missing: this.tests.filter((id) => !this.finished.has(id)) };
  }

  /** The tests of a class that could not be set up have its result. */
  private finish(result: TestResult): void {
    const [, what, name] = OF_CLASS.exec(result.id) ?? [];
    if (what === 'setUpClass') {
      for (const id of this.tests.filter((one) => one.startsWith(`${name}.`))) this.note({ ...result, id });
    } else if (what === undefined || result.result === 'failed') {
      this.note(result);
    }
  }

  private note(result: TestResult): void {
    this.finished.set(result.id, result);
    this.onResult(result, this.finished.size);
  }
}

function resultOf(status: SubunitEvent['status']): TestResult['result'] | undefined {
  if (status === 'success' || status === 'xfail') return 'passed';
  if (status === 'fail' || status === 'uxsuccess') return 'failed';
  return status === 'skip' ? 'skipped' : undefined;
}

function describeFiles(
  result: TestResult['result'],
  files: ReadonlyMap<string, Buffer[]>,
): Pick<TestResult, 'detail' | 'report'> {
  const texts = new Map(
    [...files].map(([name, parts]) => [name, Buffer.concat(parts).toString('utf8').trim()]),
  );
  if (result === 'passed') return { detail: '' };
  if (result === 'skipped') return { detail: texts.get('reason') ?? '' };
  const tracebacks = [...texts].filter(([name]) => name.startsWith('traceback')).map(([, text]) => text);
  const others = [...texts].filter(([name, text]) => !name.startsWith('traceback') && text !== '');
  const report = [...tracebacks, ...others.map(([name, text]) => `${name}:\n${text}`)].join('\n\n');
  return { detail: lastError(tracebacks[0] ?? report), report };
}

/**
 * What a traceback ends with: the error, in the first line below its last frame that is not indented. Where it is one
 * line, as of Tempest's "Request timed out", the function that gave up is said too.
 */
function lastError(traceback: string): string {
  const lines = traceback.split('\n').map((line) => line.trimEnd());
  const frame = lines.findLastIndex((line) => FRAME.test(line));
  const error = lines.findIndex((line, index) => index > frame && /^\S/.test(line));
  const message = lines.slice(Math.max(error, 0)).filter((line) => line !== '');
  const [, file, line, name] = FRAME.exec(lines[frame] ?? '') ?? [];
  if (message.length === 1 && file) message.push(`in ${name}, ${file}:${line}`);
  return message.slice(0, DETAIL_LINES).join('\n');
}

/** Many reasons start with the class that they are for. */
const OWN_NAME = /^\w+ skipped as /;

export interface SkipGroup {
  reason: string;
  tests: string[];
}

/** Skipped tests by reason, the most frequent first. */
export function groupSkips(results: readonly TestResult[]): SkipGroup[] {
  const groups = new Map<string, string[]>();
  for (const { id, result, detail } of results) {
    if (result !== 'skipped') continue;
    const reason = detail.replace(OWN_NAME, '');
    groups.set(reason, [...(groups.get(reason) ?? []), id]);
  }
  return [...groups]
    .map(([reason, tests]) => ({ reason, tests }))
    .sort((a, b) => b.tests.length - a.tests.length || (a.reason < b.reason ? -1 : 1));
}

/** The tests that took longest, longest first. */
export function slowestTests(results: readonly TestResult[], count: number): TestResult[] {
  return [...results].sort((a, b) => b.seconds - a.seconds).slice(0, count);
}
