import { beforeAll, describe } from 'vitest';
import { DemoServer } from './client.ts';
import { testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { testVolumeTypes } from './parts/volume-types.ts';
import { Volumes } from './volumes.ts';

/** What types, groups and transfers do to volumes of servers, on a real Docker Engine. */
const cloud = 'e2ecindertypes';
const group = useGroupCloud(cloud, 'services: {ceph: true, cinder: true}\n');

describe('volumes of servers', () => {
  let server: DemoServer;

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  testVolumeTypes(group, new Volumes(cloud, group), () => server);
  testGoing(group);
});
