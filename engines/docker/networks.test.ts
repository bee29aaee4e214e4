import { describe, expect, test } from 'vitest';
import { networkHeld } from './networks.ts';

describe('a network that the engine does not remove', () => {
  test('names the containers that are on it', () => {
    expect(networkHeld('gantry-a-internal', ['one', 'two'], undefined)).toMatchObject({
      code: 'docker.network-in-use',
      why: 'one, two are still on it',
    });
  });

  test('is the engine to restart where there are none', () => {
    expect(networkHeld('gantry-a-internal', [], undefined)).toMatchObject({
      code: 'docker.network-miscounted',
      next: expect.stringContaining('Restart Docker Engine'),
    });
  });
});
