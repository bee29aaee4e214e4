import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import { insideKeys, outsideNames, outsideOf } from './outside.ts';
import { cloudSchema } from './schema.ts';
import { unwrap } from './schema-tree.ts';

/** Every key of the schema that holds a value; a list of sections is one key with brackets. */
function valueKeys(schema: z.core.$ZodType, path = ''): string[] {
  const { type } = unwrap(schema);
  if (type instanceof z.ZodObject) {
    return Object.entries(type.shape).flatMap(([key, inner]) =>
      valueKeys(inner as z.core.$ZodType, path === '' ? key : `${path}.${key}`),
    );
  }
  const isSections = type instanceof z.ZodArray && unwrap(type.element).type instanceof z.ZodObject;
  return isSections ? valueKeys((type as z.ZodArray).element, `${path}[]`) : [path];
}

test('every key of the cloud itself says whether it names something outside the cloud, and who checks that', () => {
  const said = [...Object.keys(outsideNames), ...insideKeys];
  expect(new Set(said).size).toBe(said.length);
  expect(said.sort()).toEqual(valueKeys(cloudSchema([])).sort());
});

test('what checks is there', async () => {
  const root = projectRoot();
  const texts = ['src', 'engines', 'catalogue'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|config\/outside\.ts$/.test(name))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  const programs = readdirSync(join(root, 'catalogue'), { recursive: true, encoding: 'utf8' });
  const services = outsideOf(cloudSchema(await loadCatalogue(root)));
  expect(Object.keys(services)).toContain('compute.virtType');
  for (const [key, { checks }] of Object.entries({ ...outsideNames, ...services })) {
    expect(checks.length, key).toBeGreaterThan(0);
    for (const { by } of checks) {
      const isSaid = texts.some((text) => [`'${by}'`, `\`${by}`].some((quoted) => text.includes(quoted)));
      expect(isSaid || programs.some((name) => name.endsWith(`/${by}`)), `${key}: ${by}`).toBe(true);
    }
  }
});
