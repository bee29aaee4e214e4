import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import { renderReference } from './reference.ts';
import { cloudSchema } from './schema.ts';
import { keysOf, schemaAt, unwrap } from './schema-tree.ts';

const schema = cloudSchema(await loadCatalogue(projectRoot()));

test('docs/configuration.md is what the schema says (else run: npm run docs:config)', () => {
  const committed = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  expect(committed).toBe(renderReference(schema));
});

test('every key is described', () => {
  const visit = (path: string[]): void => {
    for (const key of keysOf(schemaAt(schema, path))) {
      const at = [...path, key];
      const parent = schemaAt(schema, path) as z.ZodObject;
      const field = unwrap(parent.shape[key] as z.ZodType);
      expect(field.description, at.join('.')).toMatch(/^[A-Z`].*[.)]$/);
      if (field.type instanceof z.ZodObject) visit(at);
    }
  };
  visit([]);
});
