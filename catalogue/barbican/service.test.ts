import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import type { Turn } from '../../src/resolve/logins.ts';
import { projectRoot } from '../../src/root.ts';
import { fakeSecret, renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { API, KEK } from './names.ts';
import operations from './operations.ts';

const services = await loadCatalogue(projectRoot());

/** The cloud as it is while its key is rotated: the store has another value first after the turn. */
const cloudAt = (turn: Turn | undefined) =>
  renderCloud(services, {
    turn: (name) => (name === KEK ? turn : undefined),
    secret: (name) => {
      const isOther = name === `${KEK}.other`;
      if (name !== KEK && !isOther) return fakeSecret(name);
      return isOther === (turn?.second ?? false) ? 'the first key' : 'the next key';
    },
  });

const keysOf = (cloud: ReturnType<typeof cloudAt>) => {
  const content = cloud.desired.processes.find(({ name }) => name === API)?.files[0]?.content ?? '';
  return [...content.matchAll(/^kek = (.*)$/gm)].map(([, key]) => key);
};

test('every process reads with the next key before one writes with it, and with the first until none needs it', () => {
  const clouds = [
    undefined,
    { second: false, both: true },
    { second: true, both: true },
    { second: true, both: false },
  ].map(cloudAt);
  expect(clouds.map(keysOf)).toEqual([
    ['the first key'],
    ['the first key', 'the next key'],
    ['the next key', 'the first key'],
    ['the next key'],
  ]);
  const [first, second] = clouds;
  if (!first || !second) throw new Error('no clouds');
  expect(replacedBetween(first, second)).toEqual([API]);
});

test('the key is what is rotated, and the keys of projects are encrypted anew where it is read', () => {
  expect(operations.rotations).toMatchObject([{ secret: KEK, renew: { process: API } }]);
});
