import { describe } from 'vitest';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { testTempest } from './parts/tempest.ts';

/** All of Tempest's tests of volumes, with what other services add to them, on a real Docker Engine. */
const group = useGroupCloud(
  'e2ecindertempest',
  'services: {barbican: true, ceph: true, cinder: true, swift: true}\nstorage: {swift: {volumes: 1}}\n',
);

describe('volumes of servers', () => {
  testComing(group);
  testTempest(group, {
    pattern: '^tempest\\.api\\.volume\\.',
    parts: ['tempest.api.volume'],
    limitMs: 20 * 60_000,
  });
  testGoing(group);
});
