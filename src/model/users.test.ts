import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../root.ts';
import { baseUsers, imageUsers, userOf, users } from './users.ts';

test('the base image makes the same users with the same numbers', () => {
  const text = readFileSync(join(projectRoot(), 'catalogue/base/images/base/users'), 'utf8');
  const made = text.trim().split('\n');
  const wanted = Object.entries(baseUsers).filter(([name]) => name !== 'root');
  expect(made.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
    wanted.map(([name, id]) => `${name} ${id}`),
  );
});

test('an image makes the users that it alone has', () => {
  const dockerfiles = listImages().map((path) => readFileSync(path, 'utf8'));
  for (const [name, id] of Object.entries(imageUsers)) {
    const makes = new RegExp(
      `groupadd --gid ${id} ${name} .*useradd --uid ${id} --gid ${id} .* ${name} `,
      's',
    );
    expect(dockerfiles.filter((text) => makes.test(text))).toHaveLength(1);
  }
});

test('every user has a number and a group of its own', () => {
  expect(new Set(Object.values(users)).size).toBe(Object.keys(users).length);
  expect(userOf('nova')).toBe('913:913');
});

function listImages(): string[] {
  const catalogue = join(projectRoot(), 'catalogue');
  const paths = readdirSync(catalogue, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('/Dockerfile')).map((path) => join(catalogue, path));
}
