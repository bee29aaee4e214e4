import { describe, expect, test } from 'vitest';
import { type Release, releases } from '../model/releases.ts';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { knownNames } from '../resolve/known.ts';
import { projectRoot } from '../root.ts';
import { editorSchema } from './editor-schema.ts';
import { cloudSchema } from './schema.ts';
import { keysOf, schemaAt } from './schema-tree.ts';

interface Json {
  type?: unknown;
  properties?: Record<string, Json>;
  items?: Json;
  required?: string[];
  [word: string]: unknown;
}

const catalogue = await loadCatalogue(projectRoot());
const schema = cloudSchema(catalogue);
const json = editorSchema(schema, knownNames(projectRoot(), catalogue)) as Json;

function at(path: string): Json {
  const found = path.split('.').reduce<Json | undefined>((section, key) => section?.properties?.[key], json);
  return found as Json;
}

describe('the schema for editors', () => {
  test('has every key of cloud.yaml, those of services as well', () => {
    const visit = (path: string[], section: Json): void => {
      const keys = keysOf(schemaAt(schema, path));
      if (keys.length === 0) return;
      expect(Object.keys(section.properties ?? {})).toEqual(keys);
      expect(section.additionalProperties, path.join('.')).toBe(false);
      for (const key of keys) visit([...path, key], section.properties?.[key] as Json);
    };
    visit([], json);
    expect(at('compute.virtType').enum).toEqual(['auto', 'kvm', 'qemu']);
  });

  test('says what keys mean and what holds without them', () => {
    expect(at('network.external.subnet').default).toBe('10.29.29.0/24');
    expect(at('network.external.subnet').description).toBe('Addresses of the external network.');
    expect(at('rotation.fernet')).toMatchObject({ default: '24h', type: 'string' });
    expect(at('resources').examples).toEqual([{ mariadb: { memory: '512MiB', cpus: 0.5 } }]);
  });

  test('wants nothing but what has no default, and takes empty sections', () => {
    expect(json.required).toBeUndefined();
    expect(at('network').type).toEqual(['object', 'null']);
    expect(at('services').type).toEqual(['object', 'null']);
    expect(at('network').required).toBeUndefined();
    expect(at('images.guests').items?.required).toEqual(['name', 'checksum']);
  });

  test('knows the names of the catalogue', () => {
    expect(Object.keys(at('resources').patternProperties ?? {})).toEqual([
      '^(ceph-osd|ceph-disk|swift-storage)-.',
    ]);
    expect(at('replicas.nova-api')).toMatchObject({ minimum: 0 });
    expect(at('config').properties).toHaveProperty(['nova.conf']);
    expect(at('kubernetes.volumeSizes.mariadb')).toMatchObject({ type: 'string' });
    expect(at('services').additionalProperties).toBe(false);
  });

  test('takes the number of a release, as cloud.yaml does', () => {
    const forms = releases.flatMap(({ number }) => [number, Number(number)]);
    expect(at('release').enum).toEqual([...releases.map(({ name }) => name), ...forms]);
    for (const release of forms) {
      const { name } = releases.find(({ number }) => number === String(release)) as Release;
      expect(schema.parse({ release }).release).toBe(name);
    }
  });

  test('has no word that JSON Schema does not know', () => {
    expect(JSON.stringify(json)).not.toMatch(/"(kind|outside|otherForms)":/);
  });
});
