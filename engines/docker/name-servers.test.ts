import { expect, test } from 'vitest';
import { parseNameServers } from './name-servers.ts';

test('are those that guests can ask: of IPv4, and not on loopback', () => {
  const text = [
    '# made by a program',
    'search example.org',
    'nameserver 127.0.0.53',
    'nameserver 192.0.2.1',
    'nameserver 2001:db8::1',
    'nameserver\t192.0.2.2 ',
    '#nameserver 192.0.2.3',
    'options edns0',
  ].join('\n');
  expect(parseNameServers(text)).toEqual(['192.0.2.1', '192.0.2.2']);
});
