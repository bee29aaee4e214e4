import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { checkDirectories } from '../../src/resolve/devices.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { checkSettings as checkAmong } from './check-settings.ts';
import { policiesOf } from './policies.ts';
import { replicasOf, type SwiftSettings, settings } from './settings.ts';

const checkSettings = (swift: SwiftSettings) => checkAmong(swift, { isGiven: () => true });

const settingsOf = (swift: object) => z.strictObject(settings).parse({ storage: { swift } });

const settingsWith = (volumes: number, replicas?: number, drain: number[] = []) =>
  settingsOf({ volumes, replicas, drain });

/** What is wrong, with its place. */
const findingsOf = (swift: object) =>
  checkSettings(settingsOf(swift)).map(({ path, message }) => `${path.slice(2).join('.')} ${message}`);

test('there are three copies, or as many as there are volumes, unless another number is said', () => {
  const copies = (volumes: number, replicas?: number) =>
    replicasOf({ settings: settingsWith(volumes, replicas) });
  expect([1, 2, 3, 9].map((volumes) => copies(volumes))).toEqual([1, 2, 3, 3]);
  expect(copies(3, 2)).toBe(2);
});

test('more copies than volumes are refused at their place', () => {
  expect(checkSettings(settingsWith(2, 3))).toEqual([
    {
      path: ['storage', 'swift', 'replicas'],
      level: 'error',
      message: 'wants 3 copies on different volumes, of which there are 2',
      next: 'Set storage.swift.volumes to 3 or more, or fewer replicas.',
    },
  ]);
  expect(checkSettings(settingsWith(3, 3))).toEqual([]);
  expect(checkSettings(settingsWith(1))).toEqual([]);
});

test('volumes that are to be emptied are there, and leave enough for all copies', () => {
  const findings = (volumes: number, replicas: number | undefined, drain: number[]) =>
    findingsOf({ volumes, replicas, drain });
  expect(findings(4, 3, [4])).toEqual([]);
  expect(findings(4, 3, [5])).toEqual(['drain names volume 5 of 4']);
  expect(findings(4, 2, [4, 4])).toEqual(['drain names volume 4 twice']);
  expect(findings(4, undefined, [1, 4])).toEqual(['drain leaves 2 volumes for 3 copies']);
});

test('copies are in different zones, of which there are enough', () => {
  expect(findingsOf({ volumes: 4, zones: [1, 1, 2, 3] })).toEqual([]);
  expect(findingsOf({ volumes: 4, zones: [1, 1, 2, 2] })).toEqual([
    'zones names 2 zones for 3 copies, each in another one',
  ]);
  expect(findingsOf({ volumes: 4, zones: [1, 1, 2, 2], regions: [1, 1, 1, 2] })).toEqual([]);
  expect(findingsOf({ volumes: 4, zones: [1, 1, 2, 3], drain: [4] })).toEqual([
    'zones names 2 zones with volumes that are not to be emptied for 3 copies, each in another one',
  ]);
  expect(findingsOf({ volumes: 2, regions: [1] })).toEqual(['regions names 1 regions for 2 volumes']);
  const policies = { thrice: { index: 1, replicas: 3 }, coded: { index: 2, erasureCoding: '2+1' } };
  expect(findingsOf({ volumes: 4, replicas: 2, regions: [1, 1, 2, 2], policies })).toEqual([
    'policies.thrice.replicas wants 3 copies in different zones, of which there are 2',
  ]);
});

test('directories are as many as volumes, each once, and of one machine', async () => {
  expect(findingsOf({ directories: ['/srv/a', '/srv/b', '/srv/c'] })).toEqual([]);
  expect(findingsOf({ directories: ['/srv/a'] })).toEqual(['directories names 1 directories for 3 volumes']);
  const wrong = (directories: string[]) =>
    z
      .strictObject(settings)
      .safeParse({ storage: { swift: { directories } } })
      .error?.issues.map(({ path, message }) => `${path.slice(2).join('.')} ${message}`);
  expect(wrong(['/srv/a', '/srv/a'])).toEqual(['directories.1 is in the list already']);
  expect(wrong(['srv/a'])?.[0]).toMatch(/^directories\.0 must be the path of a directory/);
  expect(wrong(['/srv/../a'])?.[0]).toMatch(/^directories\.0 must be the path of a directory/);

  const values = settingsOf({ directories: ['/srv/a', '/srv/b', '/srv/c'] });
  expect(checkDirectories(settings, values, 'docker')).toEqual([]);
  expect(checkDirectories(settings, values, 'kubernetes')).toMatchObject([
    { path: ['storage', 'swift', 'directories'], level: 'error' },
  ]);
});

test('policies are the one of all copies, and those of cloud.yaml with copies or fragments', () => {
  const swift = {
    policies: { coded: { index: 2, erasureCoding: '2+1' }, once: { index: 1, replicas: 1 } },
    defaultPolicy: 'coded',
  };
  expect(findingsOf(swift)).toEqual([]);
  expect(policiesOf({ settings: settingsOf(swift) })).toEqual([
    { index: 0, name: 'replicated', isDefault: false, places: 3 },
    { index: 1, name: 'once', isDefault: false, places: 1 },
    { index: 2, name: 'coded', isDefault: true, places: 3, fragments: { data: 2, parity: 1 } },
  ]);
});

test.each([
  [{ a_b: { index: 1, replicas: 1 } }, 'policies.a_b is no name of a policy'],
  [{ Replicated: { index: 1, replicas: 1 } }, 'policies.Replicated has the name of replicated for Swift'],
  [{ replicated: { index: 1, replicas: 1 } }, 'policies.replicated has the name of replicated for Swift'],
  [{ a: { index: 1, replicas: 1 }, b: { index: 1, replicas: 2 } }, 'policies.a.index is that of b as well'],
  [{ a: { index: 1 } }, 'policies.a must have one of replicas and erasureCoding'],
  [
    { a: { index: 1, replicas: 2, erasureCoding: '2+1' } },
    'policies.a must have one of replicas and erasureCoding',
  ],
  [
    { a: { index: 1, erasureCoding: '2+2' } },
    'policies.a.erasureCoding wants 4 volumes, of which there are 3',
  ],
])('policies %j are refused at their place', (policies, finding) => {
  expect(findingsOf({ policies })).toContain(finding);
});

test('a default that is no policy is refused with those that there are', () => {
  const swift = { policies: { once: { index: 1, replicas: 1 } }, defaultPolicy: 'twice' };
  expect(checkSettings(settingsOf(swift))).toMatchObject([
    { path: ['storage', 'swift', 'defaultPolicy'], next: 'Name one of replicated, once.' },
  ]);
});

test('another volume replaces nothing that runs, and builds the rings again', async () => {
  const services = await loadCatalogue(projectRoot());
  const [three, four] = [3, 4].map((volumes) =>
    renderCloud(services, { settings: { storage: { swift: { volumes } } } }),
  );
  if (!three || !four) throw new Error('no clouds');
  expect(replacedBetween(three, four).sort()).toEqual(['swift-rings', 'swift-storage-4']);
  expect(four.desired.volumes).toEqual(expect.arrayContaining(['swift-storage-1', 'swift-storage-4']));
});

test('a key of Barbican is not to be had where that is off', () => {
  const given =
    (...offers: string[]) =>
    (encryption: unknown) =>
      checkAmong(settingsOf({ encryption }), { isGiven: (offer) => offers.includes(offer) });
  expect(given('objectStore', 'keyManager')('barbican')).toEqual([]);
  expect(given('objectStore')(true)).toEqual([]);
  expect(given()('barbican')).toEqual([]);
  expect(given('objectStore')('barbican')).toMatchObject([
    { path: ['storage', 'swift', 'encryption'], next: expect.stringContaining('services.barbican') },
  ]);
  const { error } = z.strictObject(settings).safeParse({ storage: { swift: { encryption: 'vault' } } });
  expect(error?.issues[0]?.message).toBe('must be true, false or barbican');
});

test('requests are told of where it is asked for and somebody hears', async () => {
  const services = await loadCatalogue(projectRoot());
  const proxyOf = (events: boolean, all = services) => {
    const { desired } = renderCloud(all, { settings: { storage: { swift: { events } } } });
    const { files = [] } = desired.processes.find(({ name }) => name === 'swift-proxy') ?? {};
    return files.find(({ path }) => path.endsWith('proxy-server.conf'))?.content ?? '';
  };
  const unheard = services.filter(({ name }) => !['events', 'telemetry'].includes(name));
  expect(proxyOf(true)).toMatch(/^pipeline = .* proxy-logging events proxy-server$/m);
  expect(proxyOf(true)).toMatch(/^topic = events$/m);
  expect(proxyOf(false)).not.toContain('events');
  expect(proxyOf(true, unheard)).not.toContain('filter:events');
});

test('objects are written with the key that is chosen, and read with both', async () => {
  const services = await loadCatalogue(projectRoot());
  const cloudWith = (encryption: unknown) =>
    renderCloud(services, { settings: { storage: { swift: { encryption } } } });
  const keymasters = (encryption: unknown) => {
    const { files = [] } =
      cloudWith(encryption).desired.processes.find(({ name }) => name === 'swift-proxy') ?? {};
    const content = files.find(({ path }) => path.endsWith('proxy-server.conf'))?.content ?? '';
    return /^pipeline = .* symlink (.*) encryption /m.exec(content)?.[1];
  };
  expect(['barbican', true, false].map(keymasters)).toEqual([
    'keymaster kms_keymaster',
    'kms_keymaster keymaster',
    'kms_keymaster keymaster',
  ]);
  expect(replacedBetween(cloudWith(true), cloudWith('barbican')).sort()).toEqual([
    'swift-proxy',
    'swift-root-key',
  ]);
});
