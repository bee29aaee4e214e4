import { beforeAll, describe } from 'vitest';
import { DemoServer } from './client.ts';
import { testGoing, useGroupCloud } from './group-cloud.ts';
import { expectDone } from './parts/cloud.ts';
import { testCutOff } from './parts/volumes-cut-off.ts';
import { Volumes } from './volumes.ts';

/** Attachments of volumes that are cut off between two steps, on a real Docker Engine. */
const cloud = 'e2ecindercutoff';
const group = useGroupCloud(cloud, 'services: {ceph: true, cinder: true}\n');

describe('volumes of servers', () => {
  let server: DemoServer;

  beforeAll(async () => {
    const { stdout } = await expectDone(group(), 'demo');
    server = new DemoServer(stdout.trimEnd().split('\n').at(-1) ?? '');
  });

  testCutOff(group, new Volumes(cloud, group), () => server);
  testGoing(group);
});
