import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../src/root.ts';
import { type Suite, suites } from '../suites.ts';
import { isInput } from './choice.ts';
import { matches } from './globs.ts';
import { readSupport } from './support.ts';

const root = projectRoot();
const under = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`);
const files = suites.flatMap(({ runs }) => ('files' in runs ? runs.files : []));

test('every test that needs more than this repository is in one suite', () => {
  const there = [...under('test/e2e'), ...under('test/cli')].filter((name) => name.endsWith('.test.ts'));
  expect(there.length).toBeGreaterThan(10);
  expect(files.toSorted()).toEqual(there.sort());
});

test('every suite has a name of its own', () => {
  const names = suites.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('what suites are about is there', () => {
  const there = ['src', 'engines', 'catalogue', 'examples', 'test'].flatMap(under);
  const isGone = (glob: string) => !there.some((path) => matches(glob, path));
  expect(suites.flatMap(({ inputs }) => inputs.flatMap(alternatives)).filter(isGone)).toEqual([]);
  for (const { name, inputs, except = [] } of suites) {
    const among = there.filter((path) => inputs.some((glob) => matches(glob, path)));
    const idle = except.flatMap(alternatives).filter((glob) => !among.some((path) => matches(glob, path)));
    expect(idle, `what ${name} leaves to others`).toEqual([]);
  }
});

test('all of each folder of the catalogue is what some suite is about that starts what is in it', () => {
  const starting = suites.filter(
    ({ runs, when, needs }) => 'files' in runs && when === 'touched' && needs.includes('images'),
  );
  const folders = readdirSync(join(root, 'catalogue')).map((name) => `catalogue/${name}`);
  expect(folders.length).toBeGreaterThan(15);
  const isTouchedBy = (folder: string) => (suite: Suite) =>
    under(folder)
      .filter((path) => statSync(join(root, path)).isFile() && !path.endsWith('.test.ts'))
      .every((path) => isInput(suite, path));
  expect(folders.filter((folder) => !starting.some(isTouchedBy(folder)))).toEqual([]);
});

test('what a suite imports of the tests is part of it', () => {
  const clustering = suites.find(({ name }) => name === 'clustering');
  const support = clustering ? readSupport(root, clustering) : [];
  expect(support).toContain('test/e2e/members.ts');
  expect(support).toContain('test/contract/cloud.ts');
  expect(support).not.toContain('test/e2e/pods.ts');
});

test('what runs on demand is named where the tests are described', () => {
  const text = readFileSync(join(root, 'docs/testing.md'), 'utf8');
  const asked = suites.filter(({ when }) => when === 'on demand').map(({ name }) => name);
  expect(asked.filter((name) => !text.includes(`test/run ${name}`))).toEqual([]);
});

/** Each of `{a,b}` by itself, so that none of them is of something that is gone. */
function alternatives(glob: string): string[] {
  const [whole, list = ''] = /\{([^}]*)\}/.exec(glob) ?? [];
  return whole === undefined ? [glob] : list.split(',').map((one) => glob.replace(whole, one));
}
