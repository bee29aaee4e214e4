import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { OnceOptions } from '../engine/engine.ts';
import { KeptOutput } from '../engine/output.ts';
import { GantryError, messageOf } from '../errors.ts';
import type { OsloSections } from '../model/oslo.ts';
import { excerpt } from '../model/strings.ts';
import type { Job } from '../model/workload.ts';
import type { ServicePurge } from '../openstack/purge.ts';
import type { Session } from '../openstack/session.ts';
import type { Emit } from '../run/events.ts';
import { timeLimit } from '../time-limit.ts';
import { removeTestResources, takeInventory } from './cleanup.ts';
import { renderTempestConf, type TempestCredentials, tempestSections } from './config.ts';
import { renderJunit } from './junit.ts';
import type { Preparation, TempestPart } from './part.ts';
import { prepareCloud } from './prepare.ts';
import { ResultCollector, type TestResult } from './results.ts';
import { type Exclusion, nameOfTest, type Selection, selectTests } from './select.ts';
import { SubunitReader } from './subunit.ts';
import { listingJob, testJob } from './workload.ts';

export interface TempestOptions {
  /** `smoke` or a regular expression. */
  wanted: string;
  exclusions: readonly Exclusion[];
  /** What the cloud's services bring. */
  parts: readonly TempestPart[];
  purges: readonly ServicePurge[];
  /** Names of the services that Tempest has tests for. */
  testable: readonly string[];
  /** A session of an administrator, through the public endpoints. */
  open(): Promise<Session>;
  /** Runs a job on the cloud's engine; resolves to its exit code. */
  runOnce(job: Job, options: OnceOptions): Promise<number>;
  preparation: Preparation;
  credentials: TempestCredentials;
  /** PEM; undefined where the system knows who signed the endpoints' certificate. */
  authority: string | undefined;
  /** Tests at the same time. */
  workers: number;
  /** Where what a run leaves to look at is kept; made if missing. */
  directory: string;
}

export interface TempestResult {
  /** True where every test that was to run passed or was skipped. */
  ok: boolean;
  seconds: number;
  results: TestResult[];
  /** Ids of tests that reported no result. */
  missing: string[];
  excluded: Selection['excluded'];
  /** What could not be removed, in words; empty as a rule. */
  leftBehind: string[];
  /** Why the run did not come to its end. */
  problem?: string;
  directory: string;
}

const CLEANUP_LIMIT_MS = 300_000;
/** A test that takes longer than this hangs: together with all others it is ended. */
const LONGEST_TEST_SECONDS = 60;
const LONGEST_START_SECONDS = 600;
/** Of what a failed test says, beside its name: what went wrong, and Tempest's details of it. */
const SHOWN_LINES = 2;
const PRIVATE = { mode: 0o600 } as const;

/**
 * Runs Tempest against the cloud and keeps what it leaves: `results.subunit`, `junit.xml`, `results.json`,
 * `tempest.log`, `tempest.conf` without credentials, `tests`. Removes what the tests made, also when interrupted.
 * Throws `tempest.no-test` and others before anything is made; a failed test is a result.
 */
export async function runTempest(options: TempestOptions, emit: Emit): Promise<TempestResult> {
  const admin = await options.open();
  try {
    const { tests, excluded } = selectTests(
      await listTests(options, admin.signal),
      options.wanted,
      options.exclusions,
    );
    const begun = admin.clock.now();
    const { parts, purges } = options;
    const everything = await takeInventory(admin, purges);
    const left = await removeTestResources(admin, purges, everything);
    if (left.length > 0)
      emit({ type: 'activity.waiting', name: 'what an earlier run left', reason: left.join('; ') });
    const before = await takeInventory(admin, purges);
    let problem: string | undefined;
    let leftBehind: string[] = [];
    const collector = new ResultCollector(tests, (result, count) =>
      emit({
        type: 'activity.finished',
        name: `[${count}/${tests.length}] ${nameOfTest(result.id)}`,
        result: result.result === 'passed' ? 'ok' : result.result,
        seconds: result.seconds,
        detail: result.detail.split('\n').slice(0, SHOWN_LINES).join(' '),
      }),
    );
    try {
      const prepared = await prepareCloud(admin, parts, options.preparation);
      const sections = tempestSections(
        options.testable,
        prepared.map((part) => part.sections),
      );
      const secrets = prepared.map((part) => part.secrets);
      problem = await runTests(options, { tests, sections, secrets, collector, signal: admin.signal });
    } catch (thrown) {
      problem = admin.signal.aborted ? 'interrupted' : describeProblem(thrown);
    } finally {
      emit({ type: 'activity.started', name: 'removing what the tests made' });
      // Its own signal: an interruption must not leave anything behind.
      const cleaner = admin.withSignal(timeLimit(CLEANUP_LIMIT_MS));
      leftBehind = await removeTestResources(cleaner, purges, before).catch((error) => [messageOf(error)]);
    }
    const { results, missing } = collector.summarize();
    const result: TempestResult = {
      ok: problem === undefined && missing.length === 0 && results.every((one) => one.result !== 'failed'),
      seconds: (admin.clock.now() - begun) / 1000,
      results,
      missing,
      excluded,
      leftBehind,
      ...(problem === undefined ? {} : { problem }),
      directory: options.directory,
    };
    await keep(options, 'junit.xml', renderJunit(`tempest ${options.wanted}`, results, missing));
    await keep(options, 'results.json', `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    await admin.close();
  }
}

async function listTests({ runOnce }: TempestOptions, signal: AbortSignal): Promise<string[]> {
  const [stdout, stderr] = [new KeptOutput(), new KeptOutput()];
  const code = await runOnce(listingJob(), { stdout, stderr, signal });
  const tests = stdout.text.split('\n').filter((line) => /^[\w.]+\.[\w.]+(\[.*\])?$/.test(line));
  if (code === 0 && tests.length > 0) return tests;
  throw new GantryError({
    code: 'tempest.list',
    whose: 'bug',
    message: 'Tempest could not list its tests',
    why: excerpt(`${stdout.text}\n${stderr.text}`, 20),
  });
}

/** Resolves to what went wrong besides tests. */
async function runTests(
  options: TempestOptions,
  run: {
    tests: readonly string[];
    sections: OsloSections;
    secrets: readonly OsloSections[];
    collector: ResultCollector;
    signal: AbortSignal;
  },
): Promise<string | undefined> {
  const { tests, sections, secrets, collector, signal } = run;
  await keep(options, 'tempest.conf', renderTempestConf(sections));
  await keep(options, 'tests', tests.map((id) => `${id}\n`).join(''));
  const job = testJob({
    tests,
    config: renderTempestConf(sections, options.credentials, secrets),
    authority: options.authority,
    workers: options.workers,
    timeoutSeconds: LONGEST_START_SECONDS + LONGEST_TEST_SECONDS * tests.length,
  });
  const stream = createWriteStream(join(options.directory, 'results.subunit'), PRIVATE);
  const log = createWriteStream(join(options.directory, 'tempest.log'), PRIVATE);
  const reader = new SubunitReader((event) => collector.add(event));
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      reader.push(chunk);
      stream.write(chunk, done);
    },
  });
  try {
    const code = await options.runOnce(job, { stdout, stderr: log, signal });
    // 1: a test failed.
    return code === 0 || code === 1 ? undefined : `Tempest ended with exit code ${code}; see tempest.log`;
  } finally {
    await Promise.all([stream, log].map((file) => finished(file.end())));
  }
}

async function keep({ directory }: TempestOptions, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, name), text, PRIVATE);
}

function describeProblem(thrown: unknown): string {
  const why = thrown instanceof GantryError && thrown.why ? `: ${thrown.why}` : '';
  return `${messageOf(thrown)}${why}`;
}
