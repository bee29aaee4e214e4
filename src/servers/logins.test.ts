import { expect, it } from 'vitest';
import { parseLogins, serversBy } from './logins.ts';

it('knows which servers have something open by a name, each once', () => {
  const opened = parseLogins('a\topenstack\na\tservers\nb\topenstack-b\nc\topenstack\n\n');
  expect(opened).toHaveLength(4);
  expect(serversBy(['openstack', 'servers'], opened)).toEqual(['a', 'c']);
  expect(serversBy(['images'], opened)).toEqual([]);
});
