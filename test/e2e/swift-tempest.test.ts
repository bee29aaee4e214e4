import { describe } from 'vitest';
import { testComing, testGoing, useGroupCloud } from './group-cloud.ts';
import { testTurningKeys } from './parts/objects.ts';
import { testTempest } from './parts/tempest.ts';

/** All of Tempest's tests of objects, and what else of their API takes minutes, on a real Docker Engine. */
const group = useGroupCloud('e2eswifttempest', 'services: {swift: true}\n');

describe('containers of objects', () => {
  testComing(group);
  testTempest(group, {
    pattern: '^tempest\\.api\\.object_storage\\.',
    parts: ['tempest.api.object_storage'],
  });
  testTurningKeys(group);
  testGoing(group);
});
