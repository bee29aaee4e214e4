import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { renderReference } from './reference.ts';
import { cloudSchema } from './schema.ts';
import { keysOf, schemaAt, unwrap } from './schema-tree.ts';

test('docs/configuration.md is what the schema says (else run: npm run docs:config)', () => {
  const committed = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  expect(committed).toBe(renderReference(cloudSchema));
});

test('every key is described', () => {
  const visit = (path: string[]): void => {
    for (const key of keysOf(schemaAt(cloudSchema, path))) {
      const at = [...path, key];
      const parent = schemaAt(cloudSchema, path) as z.ZodObject;
      const field = unwrap(parent.shape[key] as z.ZodType);
      expect(field.description, at.join('.')).toMatch(/^[A-Z`].*[.)]$/);
      if (field.type instanceof z.ZodObject) visit(at);
    }
  };
  visit([]);
});
