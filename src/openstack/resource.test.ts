import { expect, test } from 'vitest';
import { listAll } from './resource.ts';
import type { Session } from './session.ts';

test('a collection is whole, however many answers it takes', async () => {
  const asked: unknown[] = [];
  const link = (rel: string, marker: string) => ({
    rel,
    href: `http://cinder:8776/v3/p/attachments?all_tenants=true&marker=${marker}`,
  });
  const answers = [
    { attachments: [{ id: 'a' }, { id: 'b' }], attachments_links: [link('next', 'b')] },
    { attachments: [{ id: 'c' }], attachments_links: [link('previous', 'a')] },
  ];
  const session = {
    request: async (_service: string, _method: string, path: string, options: object) => {
      asked.push([path, options]);
      return { body: answers[asked.length - 1] };
    },
  } as unknown as Session;
  const options = { query: { all_tenants: 'true' }, microversion: '3.44' };
  const where = { service: 'block-storage', path: '/attachments', many: 'attachments' };
  expect(await listAll(session, where, options)).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  expect(asked).toEqual([
    ['/attachments', options],
    ['/attachments', { ...options, query: { all_tenants: 'true', marker: 'b' } }],
  ]);
});
