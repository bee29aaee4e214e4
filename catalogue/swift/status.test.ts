import { expect, test } from 'vitest';
import status, { type SwiftStatus } from './status.ts';

type Device = SwiftStatus['devices'][number];

const whole: Device = {
  id: 'swift-storage-1',
  weight: 100,
  belong: 3072,
  held: 40,
  strays: 0,
  missing: 0,
  age: 20,
  size: 20 * 2 ** 30,
  free: 15 * 2 ** 30,
  quarantined: 0,
  readOnly: false,
  failures: 0,
};

function read(device: Partial<Device>) {
  const ring = {
    name: 'object',
    version: 1,
    replicas: 3,
    partitions: 1024,
    used: 40,
    incomplete: 0,
    balance: 0,
    movableIn: 0,
  };
  const answer = { rings: [ring], devices: [{ ...whole, ...device }] };
  return status.read(JSON.stringify(answer));
}

test('of each device it is said how full it is, and what there is to do', () => {
  expect(read({}).rows).toEqual([['swift-storage-1', 'whole', '40 of 3072 in use', '25 % of 20.0 GiB']]);
  const stateOf = (device: Partial<Device>) => read(device).rows[0]?.[1];
  expect(stateOf({ missing: 7 })).toBe('7 partitions to come');
  expect(stateOf({ strays: 2 })).toBe('2 partitions to go');
  expect(stateOf({ weight: 0 })).toBe('is being emptied');
  expect(stateOf({ weight: 0, held: 0, belong: 0 })).toBe('empty');
  expect(stateOf({ age: null, size: null, free: null })).toBe('nothing heard of it yet');
});

test('what somebody must look after is a problem, and what heals by itself is none', () => {
  const problemsOf = (device: Partial<Device>) => read(device).problems;
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ missing: 7 })).toEqual([]);
  expect(problemsOf({ age: 600 })).toEqual(['swift-storage-1: nothing heard of it for 10 minutes']);
  expect(problemsOf({ readOnly: true })).toEqual(['swift-storage-1: takes no writes']);
  expect(problemsOf({ free: 2 ** 20 })).toEqual(['swift-storage-1: full']);
  expect(problemsOf({ unreplicated: 600 })).toEqual([]);
  expect(problemsOf({ unreplicated: 8 * 3600 })).toEqual(['swift-storage-1: replicated nothing for 8 hours']);
  expect(problemsOf({ quarantined: 3 })).toEqual(['swift-storage-1: 3 damaged in quarantine']);
});
