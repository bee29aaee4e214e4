import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Need, Suite } from '../suites.ts';
import { Commands } from './command.ts';
import { inOrder, type Provision, provisions } from './needs.ts';
import { runSuites } from './run.ts';
import type { Total } from './total.ts';

let root: string;
let said: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-run-'));
  said = [];
});

afterEach(() => rm(root, { recursive: true }));

function suite(name: string, script: string, ...needs: Need[]): Suite {
  const when = needs.length === 0 ? 'always' : 'touched';
  return { name, runs: { command: ['sh', '-c', script] }, inputs: [], minutes: 1, when, needs };
}

/** As of a real run, but each need only writes that it came and went. */
function notes(broken?: Need): Record<Need, Provision> {
  const real = Object.entries(provisions(undefined, 'kubeconfig')) as [Need, Provision][];
  const noted = real.map(([need, { after }]): [Need, Provision] => [
    need,
    {
      what: need,
      command: ['sh', '-c', `echo ${need} >> notes; test ${need} != ${broken}`],
      after,
      ...(need === 'cluster'
        ? {
            end: ['sh', '-c', 'echo cluster gone >> notes; rm -f namespaces'],
            kept: {
              read: async () => (existsSync(join(root, 'namespaces')) ? ['namespace left'] : []),
              patienceMs: 0,
            },
          }
        : {}),
    },
  ]);
  return Object.fromEntries(noted) as Record<Need, Provision>;
}

async function run(suites: Suite[], { broken, signal }: { broken?: Need; signal?: AbortSignal } = {}) {
  const commands = new Commands(root, signal ?? new AbortController().signal);
  return runSuites(suites, notes(broken), commands, (what) => said.push(what));
}

const counts = ({ passed, failed }: Total) => ({ passed, failed });
const noted = async () => (await readFile(join(root, 'notes'), 'utf8')).trim().split('\n');

test('what suites need comes once, before the first that needs it, and goes at the end', async () => {
  const total = await run([
    suite('types', 'echo types >> notes'),
    suite('one', 'echo one >> notes', 'docker'),
    suite('two', 'echo two >> notes', 'cluster'),
    suite('three', 'echo three >> notes; exit 3', 'cluster'),
  ]);
  expect(counts(total)).toEqual({ passed: 6, failed: 1 });
  expect(total.failures).toEqual(['FAILED three']);
  const order = ['types', 'docker', 'one', 'kubernetes', 'cluster', 'two', 'three'];
  expect(await noted()).toEqual([...order, 'cluster gone']);
  expect(said).toEqual(order);
  expect(total.parts.map(({ name }) => name)).toEqual(order);
});

test('a cluster that a suite has not left as it was fails the suite, and the next one gets another', async () => {
  const total = await run([
    suite('untidy', 'touch namespaces', 'cluster'),
    suite('tidy', 'echo tidy >> notes', 'cluster'),
  ]);
  expect(total.failures).toEqual([
    'FAILED untidy: it did not leave all as it found it',
    '  + namespace left',
  ]);
  expect(counts(total)).toEqual({ passed: 6, failed: 1 });
  const before = ['docker', 'kubernetes', 'cluster'];
  expect(await noted()).toEqual([...before, 'cluster gone', 'cluster', 'tidy', 'cluster gone']);
});

test('what a suite said and kept stays where it failed, and pictures everywhere', async () => {
  const keep = 'echo hello; echo kept > "$GANTRY_TEST_ARTIFACTS/plan.txt"';
  const picture = 'echo seen > "$GANTRY_TEST_ARTIFACTS/page.png"';
  await run([
    suite('good', keep, 'docker'),
    suite('seen', `${keep}; ${picture}`, 'docker'),
    suite('bad', `${keep}; exit 1`, 'docker'),
  ]);
  const folder = join(root, 'test/artifacts');
  expect(existsSync(join(folder, 'good'))).toBe(false);
  expect(existsSync(join(folder, 'seen'))).toBe(false);
  expect(await readdir(join(folder, 'pictures'))).toEqual(['page.png']);
  expect(await readFile(join(folder, 'bad/output.log'), 'utf8')).toBe('hello\n');
  expect(await readFile(join(folder, 'bad/plan.txt'), 'utf8')).toBe('kept\n');
});

test('when a fast one fails, no engine is touched', async () => {
  const total = await run([suite('types', 'exit 1'), suite('lint', 'true'), suite('one', 'true', 'docker')]);
  expect(counts(total)).toEqual({ passed: 1, failed: 1 });
  expect(total.failures).toEqual(['FAILED types', 'NOT RUN one: what is to pass before it failed']);
  expect(existsSync(join(root, 'notes'))).toBe(false);
});

test('a suite does not run without what it needs, others do', async () => {
  const total = await run(
    [suite('a', 'true', 'cluster'), suite('b', 'true', 'kubernetes'), suite('c', 'true', 'docker')],
    { broken: 'kubernetes' },
  );
  expect(counts(total)).toEqual({ passed: 2, failed: 1 });
  expect(total.failures).toEqual([
    'FAILED kubernetes',
    'NOT RUN a: kubernetes failed',
    'NOT RUN b: kubernetes failed',
  ]);
  expect(await noted()).toEqual(['docker', 'kubernetes']);
});

test('an interruption ends what runs, with all that it started, and the cluster goes', async () => {
  const interruption = new AbortController();
  const running = run([suite('long', 'sleep 60 & wait', 'cluster'), suite('later', 'true', 'docker')], {
    signal: interruption.signal,
  });
  await expect.poll(() => said).toContain('long');
  interruption.abort();
  const total = await running;
  expect(total.failures).toEqual(['FAILED long', 'FAILED everything that was still to come: interrupted']);
  expect(await noted()).toEqual(['docker', 'kubernetes', 'cluster', 'cluster gone']);
});

test('needs come after what they are made of', () => {
  expect(inOrder(['cluster', 'images'], provisions(undefined, 'kubeconfig'))).toEqual([
    'docker',
    'kubernetes',
    'cluster',
    'images',
  ]);
  expect(provisions('given', 'kubeconfig').cluster.end).toBeUndefined();
});
