import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../root.ts';
import { userOf, users } from './users.ts';

test('the base image makes the same users with the same numbers', () => {
  const text = readFileSync(join(projectRoot(), 'catalogue/base/images/base/users'), 'utf8');
  const made = text.trim().split('\n');
  const wanted = Object.entries(users).filter(([name]) => name !== 'root');
  expect(made.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
    wanted.map(([name, id]) => `${name} ${id}`),
  );
});

test('every user has a number and a group of its own', () => {
  expect(new Set(Object.values(users)).size).toBe(Object.keys(users).length);
  expect(userOf('nova')).toBe('913:913');
});
