import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { RenderedObject } from '../engine/engine.ts';
import { formatManifests } from './manifests.ts';

const labels = { same: 'object' };
const object = (kind: string, name: string, more: object): RenderedObject => ({
  ref: { apiVersion: 'v1', kind, namespace: 'test', name },
  manifest: { apiVersion: 'v1', kind, metadata: { name, labels }, ...more },
});
const service = object('Service', 'api', { spec: { selector: labels } });
const objects = [object('Secret', 'api-config', { data: { password: 'aGlkZGVu' } }), service];

test('manifests are printed without Secrets, which are named', () => {
  const text = formatManifests(objects, 'yaml', { secrets: false });
  expect(text).toContain('# Secret api-config is left out');
  expect(text).not.toContain('aGlkZGVu');
  expect(parse(text)).toEqual(service.manifest);
  expect(JSON.parse(formatManifests(objects, 'json', { secrets: false })).items).toEqual([service.manifest]);
});

test('where Secrets are wanted they are in it, and no document refers to another', () => {
  const text = formatManifests(objects, 'yaml', { secrets: true });
  expect(parseAllDocuments(text).map((document) => document.toJSON())).toEqual(
    objects.map(({ manifest }) => manifest),
  );
  expect(text).not.toMatch(/[&*]a1/);
});
