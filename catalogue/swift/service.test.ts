import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud, replacedBetween } from '../../test/contract/cloud.ts';
import { checkSettings, replicasOf } from './settings.ts';

const settingsWith = (volumes: number, replicas?: number, drain: number[] = []) => ({
  storage: {
    swift: { volumes, size: '20Gi', replicas, drain, encryption: false, partPower: 10, minPartHours: 1 },
  },
});

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
  const findings = (...settings: Parameters<typeof settingsWith>) =>
    checkSettings(settingsWith(...settings)).map(({ path, message }) => `${path.join('.')} ${message}`);
  expect(findings(4, 3, [4])).toEqual([]);
  expect(findings(4, 3, [5])).toEqual(['storage.swift.drain names volume 5 of 4']);
  expect(findings(4, 2, [4, 4])).toEqual(['storage.swift.drain names volume 4 twice']);
  expect(findings(4, undefined, [1, 4])).toEqual(['storage.swift.drain leaves 2 volumes for 3 copies']);
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
