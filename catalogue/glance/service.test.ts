import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { checkSettings } from './settings.ts';

type Stores = Parameters<typeof checkSettings>[0]['images'];

test('stores are there, and the default is one of them', () => {
  const findings = (images: Stores, isGiven = true) =>
    checkSettings({ images }, { isGiven: () => isGiven }).map(
      ({ path, message }) => `${path.join('.')} ${message}`,
    );
  expect(findings({ stores: ['files'] }, false)).toEqual([]);
  expect(findings({ stores: ['files', 'swift'], defaultStore: 'swift' })).toEqual([]);
  expect(findings({ stores: ['swift'] }, false)).toEqual([
    'images.stores names swift, and the service swift is off',
  ]);
  expect(findings({ stores: ['swift'], defaultStore: 'files' })).toEqual([
    'images.defaultStore is files, which is not among images.stores',
  ]);
});

test('another store replaces what serves images alone, and is looked at before one is left', async () => {
  const services = await loadCatalogue(projectRoot());
  const cloud = (stores: Stores['stores']) => renderCloud(services, { settings: { images: { stores } } });
  const [one, two] = [cloud(['files']), cloud(['files', 'swift'])];
  expect(replacedBetween(one, two).sort()).toEqual(['glance-api', 'glance-stores']);
  const api = two.desired.processes.find(({ name }) => name === 'glance-api');
  expect(api?.after).toContain('job:glance-stores');
  expect(api?.reaches).toContain('swift');
});
