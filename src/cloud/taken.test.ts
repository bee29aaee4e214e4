import { expect, test } from 'vitest';
import { taken } from './taken.ts';

test('what no service gives is missed where it is needed, and by its name', () => {
  expect(taken({ frontDoor: 'door' }, 'frontDoor')).toBe('door');
  expect(() => taken({}, 'identity')).toThrow('this takes identity, which no service of the cloud gives');
});
