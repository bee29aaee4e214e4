import { expect, test } from 'vitest';
import { GantryError } from '../../../src/errors.ts';
import { checkAccount } from './pull-secrets.ts';

const auth = Buffer.from('reader:a password').toString('base64');
const secret = (config: unknown) => ({
  data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') },
});
const ours = secret({ auths: { 'registry.example.org:5000': { auth } } });
const refused = (code: string) => async () => {
  throw new GantryError({ code, whose: 'environment', message: 'no' });
};

test.each([
  [
    'an account that gets in',
    ours,
    async () => [],
    'ok',
    'ours, by which registry.example.org:5000 gives images',
  ],
  [
    'one that does not',
    ours,
    refused('registry.refused'),
    'error',
    'does not take the account of the secret ours',
  ],
  [
    'a registry that is away, of which another check tells',
    ours,
    refused('registry.unreachable'),
    'ok',
    'ours',
  ],
  [
    'another registry',
    secret({ auths: { 'localhost:5000': { auth } } }),
    async () => [],
    'warning',
    'no account for',
  ],
  ['no account', secret({}), async () => [], 'warning', 'no account for'],
  ['what is no JSON', { data: { '.dockerconfigjson': 'AAAA' } }, async () => [], 'warning', 'no account for'],
])('a pull secret with %s', async (_what, given, admits, level, message) => {
  const registry = 'registry.example.org:5000/cloud';
  const finding = await checkAccount('ours', { secret: given, registry, admits });
  expect(finding).toMatchObject({ level, message: expect.stringContaining(message) });
  expect(JSON.stringify(finding)).not.toContain('a password');
});
