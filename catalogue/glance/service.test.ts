import { describe, expect, test } from 'vitest';
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
  expect(findings({ stores: ['files', 'swift', 'ceph'], defaultStore: 'ceph' })).toEqual([]);
  for (const name of ['swift', 'ceph'] as const) {
    expect(findings({ stores: [name] }, false)).toEqual([
      `images.stores names ${name}, and the service ${name} is off`,
    ]);
  }
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

describe('images in a pool', async () => {
  const services = await loadCatalogue(projectRoot());
  const cloud = renderCloud(services, { settings: { images: { stores: ['ceph'] } } });
  const processOf = (wanted: string) => cloud.desired.processes.find(({ name }) => name === wanted);
  const optionsOf = (name: string) =>
    processOf(name)?.files.find(({ path }) => path.endsWith('/glance-api.conf'))?.sections?.DEFAULT;

  test('tell users nothing of where they are, and services that open the pool all', () => {
    const [own, internal] = [optionsOf('glance-api'), optionsOf('glance-internal')];
    expect(own?.show_image_direct_url?.value).toBe(false);
    expect(own).not.toHaveProperty('show_multiple_locations');
    expect(internal?.show_multiple_locations?.value).toBe(true);
    expect(cloud.declared.frontends.map(({ process }) => process)).not.toContain('glance-internal');
  });

  test('are told of by nobody where neither volumes nor servers’ disks are in pools', () => {
    const without = services.filter(({ name }) => name !== 'cinder');
    const names = renderCloud(without, { settings: { images: { stores: ['ceph'] } } }).desired.processes;
    expect(names.map(({ name }) => name)).not.toContain('glance-internal');
  });

  test('are opened by those who have Glance’s own key, which no other process has', () => {
    const holders = cloud.desired.processes
      .filter(({ files }) => files.some(({ content }) => content.includes(fakeSecret('ceph-images-key'))))
      .map(({ name }) => name);
    expect(holders.sort()).toEqual(['glance-api', 'glance-internal']);
    expect(processOf('glance-api')).toMatchObject({ image: 'glance-rbd' });
    expect(processOf('glance-api')?.after).toContain('job:ceph-cluster');
  });

  test('are found by Cinder where the pool’s are', () => {
    const volumes = processOf('cinder-volume');
    const file = volumes?.files.find(({ path }) => path.endsWith('/cinder.conf'));
    expect(file?.sections?.DEFAULT?.glance_api_servers?.value).toBe('http://glance-internal:9293');
    expect(volumes?.after).toContain('process:glance-internal');
  });
});
