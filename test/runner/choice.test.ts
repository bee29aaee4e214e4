import { describe, expect, test } from 'vitest';
import { GantryError } from '../../src/errors.ts';
import type { Suite, When } from '../suites.ts';
import { type Changes, choose } from './choice.ts';

function suite(name: string, when: When, rest: Partial<Suite> = {}): Suite {
  return { name, runs: { command: ['true'] }, inputs: [], minutes: 1, when, needs: [], ...rest };
}

const suites = [
  suite('types', 'always'),
  suite('database', 'touched', { inputs: ['catalogue/{mariadb,galera}/**'], needs: ['docker'] }),
  suite('cluster', 'touched', {
    inputs: ['engines/**'],
    except: ['engines/docker/**'],
    needs: ['cluster'],
  }),
  suite('days', 'on demand', { inputs: ['**'], needs: ['docker'] }),
];

const changed = (...paths: string[]): Changes => ({ since: 'abc (main)', paths });

function chosen(names: string[], changes?: Changes, support: string[] = []): string[] {
  return choose(suites, names, changes, ({ name }) => (name === 'cluster' ? support : []))
    .filter(({ runs }) => runs)
    .map(({ suite }) => suite.name);
}

describe('without names', () => {
  test('what always runs does, and what the changes touch', () => {
    expect(chosen([], changed('docs/a.md'))).toEqual(['types']);
    expect(chosen([], changed('catalogue/mariadb/images/mariadb/Dockerfile'))).toEqual(['types', 'database']);
    expect(chosen([], changed('engines/kubernetes/api.ts', 'catalogue/galera/x.ts'))).toEqual([
      'types',
      'database',
      'cluster',
    ]);
  });

  test('what a suite is made of touches it, unit tests touch none, and what all goes through touches all', () => {
    expect(chosen([], changed('test/e2e/pods.ts'), ['test/e2e/pods.ts'])).toEqual(['types', 'cluster']);
    expect(chosen([], changed('test/e2e/a.test.ts'), ['test/e2e/a.test.ts'])).toEqual(['types', 'cluster']);
    expect(
      chosen([], changed('engines/kubernetes/api.test.ts', 'engines/kubernetes/testing/cluster.ts')),
    ).toEqual(['types']);
    expect(chosen([], changed('package-lock.json'))).toEqual(['types', 'database', 'cluster']);
  });

  test('what a suite leaves to others touches it only where it is made of it, or all go through it', () => {
    expect(chosen([], changed('engines/docker/job.ts'))).toEqual(['types']);
    expect(chosen([], changed('engines/docker/job.ts', 'engines/common.ts'))).toEqual(['types', 'cluster']);
    expect(chosen([], changed('engines/docker/job.ts'), ['engines/docker/job.ts'])).toEqual([
      'types',
      'cluster',
    ]);
  });

  test('all but what runs on demand does where there is nothing to compare with', () => {
    expect(chosen([])).toEqual(['types', 'database', 'cluster']);
  });

  test('each says why', () => {
    const changes = changed('engines/kubernetes/api.ts', 'engines/kubernetes/live.ts');
    expect(choose(suites, [], changes, () => []).map(({ reason }) => reason)).toEqual([
      'always',
      'nothing that it is about changed since abc (main)',
      'engines/kubernetes/api.ts changed and 1 more',
      'on demand',
    ]);
  });
});

describe('by name', () => {
  test('these run and no other, whatever changed', () => {
    expect(chosen(['days', 'database'])).toEqual(['database', 'days']);
    expect(chosen(['fast'])).toEqual(['types']);
    expect(chosen(['fast', 'cluster'])).toEqual(['types', 'cluster']);
    expect(chosen(['all'])).toEqual(['types', 'database', 'cluster', 'days']);
  });

  test('one that there is not is refused with the nearest', () => {
    const refused = () => chosen(['database', 'clustre']);
    expect(refused).toThrow('There is no suite "clustre"; did you mean "cluster"?');
    expect(refused).toThrow(expect.objectContaining({ exitCode: 64 }));
    expect(refused).toThrow(GantryError);
  });
});
