import { expect, test } from 'vitest';
import { externalRegistry, usesBuiltinRegistry } from './registry.ts';
import { cloudSchema } from './schema.ts';

const config = cloudSchema([]).parse({});

test.each([
  ['kubernetes', undefined, true, undefined],
  ['kubernetes', 'builtin', true, undefined],
  ['kubernetes', 'none', false, undefined],
  ['kubernetes', 'registry.example.org/cloud', false, 'registry.example.org/cloud'],
  ['docker', undefined, false, undefined],
  ['docker', 'builtin', false, undefined],
  ['docker', 'registry.example.org', false, 'registry.example.org'],
] as const)('on %s with images.registry %s: builtin %s, outside %s', (engine, registry, builtin, outside) => {
  const choice = { engine, images: { ...config.images, registry } };
  expect(usesBuiltinRegistry(choice)).toBe(builtin);
  expect(externalRegistry(choice)).toBe(outside);
});
