import { expect, test } from 'vitest';
import { withNames } from './identity-names.ts';

const USER = '7f42fc14d11d4a5387a508fd90d26128';
const ROLE = '5a446c9a5e7244b2b8bcb7f981cd7ba5';
const names = new Map([[USER, 'demo']]);

test('what Keystone has is told by its name, and what it has no more by its id', () => {
  expect(withNames(`user ${USER} given role ${ROLE}, by admin`, names)).toBe(
    `user demo given role ${ROLE}, by admin`,
  );
});

test('a longer word in which an id stands is none', () => {
  expect(withNames(`object box/${USER}0 ${USER}`, names)).toBe(`object box/${USER}0 demo`);
});
