import { expect, test } from 'vitest';
import { editCloudYaml } from './edit.ts';

test('a value is set where it stands, and everything else stays as it was written', () => {
  const text =
    '# Our cloud\nname: prod # not test\n\nreplicas:\n  nova-api: 2 # busy\n  glance-api: 1\nworkers: { nova-api: 4 }\n';
  expect(editCloudYaml(text, [[['replicas', 'nova-api'], 5]])).toBe(
    text.replace('nova-api: 2', 'nova-api: 5'),
  );
});

test('what is not there yet is added, also to an empty file', () => {
  expect(editCloudYaml('', [[['replicas', 'nova-api'], 5]])).toBe('replicas:\n  nova-api: 5\n');
  expect(editCloudYaml('name: prod\n', [[['replicas', 'nova-api'], 5]])).toBe(
    'name: prod\nreplicas:\n  nova-api: 5\n',
  );
});

test('what is not valid is left alone', () => {
  expect(() => editCloudYaml('a: [', [[['replicas', 'nova-api'], 5]])).toThrow('not valid YAML');
  expect(() => editCloudYaml('- a\n', [[['replicas', 'nova-api'], 5]])).toThrow('not valid YAML');
});
