import { expect, test } from 'vitest';
import forecast from './forecast.ts';

const lines = (...all: object[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('');

test('says what is new in the rings, once, and the most that moves in any of them', () => {
  const answer = lines(
    { ring: 'account', changes: ['d4 is new', '700 partitions have new places'], moved: 24.9 },
    { ring: 'object', changes: ['d4 is new', '768 partitions have new places'], moved: 25 },
  );
  expect(forecast.read(answer)).toEqual({ text: 'd4 is new, up to 25 % of partitions move' });
});

test('says nothing where rings stay as they are', () => {
  expect(forecast.read(lines({ ring: 'object', changes: [], moved: 0 }))).toEqual({ text: '' });
});

test('a refusal is none of a ring', () => {
  const refused = 'd4 still has partitions';
  expect(forecast.read(lines({ ring: 'account', changes: [], moved: 0 }, { refused }))).toEqual({
    text: '',
    refused,
  });
});
