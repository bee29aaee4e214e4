import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { fakeSecret, renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
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
  expect(replacedBetween(one, two).sort()).toEqual(['glance-api', 'glance-stores', 'glance-url-keys']);
  const api = two.desired.processes.find(({ name }) => name === 'glance-api');
  expect(api?.after).toContain('job:glance-stores');
  expect(api?.reaches).toContain('swift');
});

test('Swift has the keys of URLs in the same order whichever is in use, and nobody waits for that', async () => {
  const services = await loadCatalogue(projectRoot());
  const rendered = (turn?: { second: boolean; both: boolean }) =>
    renderCloud(services, {
      settings: { images: { stores: ['swift'] } },
      turn: (name) => (name === 'glance-url-key' ? turn : undefined),
      // The two change places when the other is put to use.
      secret: (name) =>
        turn?.second && name.startsWith('glance-url-key')
          ? fakeSecret(name.endsWith('.other') ? 'glance-url-key' : 'glance-url-key.other')
          : fakeSecret(name),
    });
  const [first, both, second] = [
    rendered(),
    rendered({ second: false, both: true }),
    rendered({ second: true, both: true }),
  ];
  const keysOf = ({ desired }: typeof first) => {
    const { files = [], after } = desired.jobs.find(({ name }) => name === 'glance-url-keys') ?? {};
    expect(after).toContain('process:swift-proxy');
    return JSON.parse(files[0]?.content ?? '').keys;
  };
  expect(keysOf(first)).toEqual([fakeSecret('glance-url-key')]);
  expect(keysOf(both)).toHaveLength(2);
  expect(replacedBetween(first, both)).toEqual(['glance-url-keys']);
  expect(replacedBetween(both, second)).toEqual([]);
  expect(first.desired.imageStore).toMatchObject({ project: 'service', container: 'glance', store: 'swift' });
  const compute = first.desired.processes.find(({ name }) => name === 'nova-compute');
  expect(compute?.reaches).not.toContain('swift');
  expect(renderCloud(services).desired.imageStore).toBeUndefined();
});
