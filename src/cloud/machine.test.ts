import { expect, test } from 'vitest';
import { cloudSchema } from '../config/schema.ts';
import { checkOwnRegistry } from './machine.ts';

const access = { address: '192.0.2.1:4999', user: 'gantry', secret: 'registry-password', elsewhere: [] };

test.each([
  ['192.0.2.1:4999/cloud', 1],
  ['192.0.2.1:4998/cloud', 0],
  ['none', 0],
  ['builtin', 0],
])("images from the cloud's own registry are refused: %s", (registry, count) => {
  const config = cloudSchema([]).parse({ images: { registry } });
  expect(checkOwnRegistry({ config, desired: { containerRegistry: access } })).toHaveLength(count);
  expect(checkOwnRegistry({ config, desired: {} })).toEqual([]);
});
