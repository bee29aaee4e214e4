import type Docker from 'dockerode';
import { expect, test } from 'vitest';
import { makeProcess } from '../../src/plan/testing/workloads.ts';
import { Label } from './labels.ts';
import { checkExports } from './volume-exports.ts';
import { mountOptions, placeOf, refuseMoves, type VolumePlace } from './volume-places.ts';

/** A cloud of which one process has a volume in this place. */
function cloudWith(place: VolumePlace) {
  const volumes = [{ volume: 'data', path: '/data', ...place }];
  return {
    cloud: 'sky',
    volumes: ['data'],
    jobs: [],
    processes: [makeProcess('api', { volumes: [] }), makeProcess('store', { volumes })],
  };
}

/** An engine that has the volume of the cloud there. */
function engineWith(place: VolumePlace): Docker {
  const isElsewhere = place.directory !== undefined || place.export !== undefined;
  const volume = { Labels: { [Label.volume]: 'data' }, Options: isElsewhere ? mountOptions(place) : null };
  return { listVolumes: async () => ({ Volumes: [volume] }) } as unknown as Docker;
}

const nfs = { export: 'nfs.example.org:/volumes' };

test.each<[VolumePlace, VolumePlace, string]>([
  [{}, { directory: '/srv/a' }, "the volume data is in Docker Engine's own directory, not in /srv/a"],
  [{ directory: '/srv/a' }, { directory: '/srv/b' }, 'the volume data is in /srv/a, not in /srv/b'],
  [{ directory: '/srv/a' }, {}, "the volume data is in /srv/a, not in Docker Engine's own"],
  [nfs, { export: 'other:/volumes' }, `the volume data is in ${nfs.export}, not in other:/volumes`],
  [nfs, {}, `the volume data is in ${nfs.export}, not in Docker Engine's own`],
])('a volume that is in %j stays there when %j is wanted', async (there, wanted, message) => {
  const engine = engineWith(there);
  await expect(refuseMoves(engine, cloudWith(wanted))).rejects.toThrow(message);
  await refuseMoves(engine, cloudWith(there));
});

test('an export is mounted by the engine, which is told where it is', () => {
  const cloud = cloudWith(nfs);
  expect(mountOptions(placeOf(cloud, 'data') ?? {})).toEqual({
    type: 'nfs',
    o: 'addr=nfs.example.org,vers=4.1',
    device: ':/volumes',
  });
  expect(placeOf(cloud, 'other')).toBeUndefined();
});

test('an export whose server does not answer is refused before anything is made', async () => {
  const { processes } = cloudWith(nfs);
  expect(await checkExports(processes, async () => undefined)).toMatchObject([{ level: 'ok' }]);
  expect(await checkExports(processes, async () => 'connect ECONNREFUSED 192.0.2.7:2049')).toMatchObject([
    {
      check: 'NFS export',
      level: 'error',
      message: `${nfs.export}: nfs.example.org does not answer at port 2049: connect ECONNREFUSED 192.0.2.7:2049`,
    },
  ]);
  expect(await checkExports(cloudWith({}).processes)).toEqual([]);
});
