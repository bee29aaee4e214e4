import { expect, it } from 'vitest';
import { parseFindings, secretVariables } from './audit.ts';

it('reads findings and ignores what programs print beside them', () => {
  expect(parseFindings('grep: warning\r\nset-uid\t/usr/bin/su\r\nprivate-key\t/etc/key.pem\r\n')).toEqual([
    { kind: 'set-uid', detail: '/usr/bin/su' },
    { kind: 'private-key', detail: '/etc/key.pem' },
  ]);
});

it('names the variables that look like secrets, never their values', () => {
  expect(secretVariables(['PATH=/bin', 'DB_PASSWORD=hunter2', 'API_TOKEN=x', 'TOKENIZERS=1'])).toEqual([
    'DB_PASSWORD',
    'API_TOKEN',
  ]);
});
