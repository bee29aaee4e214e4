import { expect, test } from 'vitest';
import type { Rotation } from '../../src/model/operation.ts';
import type { RenderedSections } from '../../src/model/oslo.ts';
import operations from './operations.ts';

/** Prepares a rotation in a cloud whose repository has these keys; tells what it ran. */
async function prepare(
  name: string,
  {
    listing = '',
    seconds = 0,
    sections = {},
  }: { listing?: string; seconds?: number; sections?: RenderedSections },
) {
  const ran: string[] = [];
  const { prepare: start } = operations.rotations.find((one) => one.name === name) as Rotation;
  const prepared = await start({
    exec: async (process, command) => {
      ran.push(`${process}: ${command.join(' ')}`);
      return listing;
    },
    sections: () => sections,
    now: () => seconds * 1000,
  });
  return { prepared, ran };
}

/** Four keys are kept, and the oldest of these signed until the second 3000. */
const full = { listing: '0 3000\n1 1000\n2 1000\n3 2000\n' };

test('the Fernet keys are rotated once nobody needs the one that goes', async () => {
  const sections = {
    fernet_tokens: { key_repository: { value: '/keys' }, max_active_keys: { value: 4 } },
    token: { expiration: { value: 600 } },
  };
  await expect(prepare('fernet', { ...full, sections, seconds: 2599 })).rejects.toMatchObject({
    code: 'rotate.too-soon',
    next: expect.stringContaining('1970-01-01T00:43:20.000Z'),
  });
  const { prepared, ran } = await prepare('fernet', { ...full, sections, seconds: 2600 });
  expect(ran).toEqual([expect.stringMatching(/^keystone-rotate: sh .* \/keys$/)]);
  expect(prepared.description).toContain('2 earlier keys go on decrypting, key 1, whose tokens have expired');
  await prepared.run();
  expect(ran.at(-1)).toMatch(/^keystone-rotate: keystone-manage .* fernet_rotate$/);
});

test('credentials are encrypted with the newest key before the oldest goes, and with the new one then', async () => {
  const { prepared, ran } = await prepare('credential', {});
  expect(ran).toEqual([]);
  await prepared.run();
  expect(ran.map((line) => line.split(' ').at(-1))).toEqual([
    'credential_migrate',
    'credential_rotate',
    'credential_migrate',
  ]);
});
