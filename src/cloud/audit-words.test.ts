import { expect, test } from 'vitest';
import type { KeptEvent } from '../model/event.ts';
import { sayAudit } from './audit-words.ts';

const event = (payload: object, type = 'audit.http.response'): KeptEvent => ({
  id: '574fa445-9f1a-4b06-87ac-12e4e5bdcc10',
  at: '2026-11-29T08:26:22.557751Z',
  exchange: 'nova',
  type,
  priority: 'info',
  publisher: 'uwsgi',
  project: null,
  user: null,
  request: null,
  payload: {
    action: 'create',
    outcome: 'success',
    requestPath: '/v2.1/servers',
    reason: { reasonType: 'HTTP', reasonCode: '202' },
    initiator: { name: 'demo', id: 'a1b2', host: { address: '192.0.2.7', agent: 'curl' } },
    ...payload,
  },
});

test.each<[object, string]>([
  [{}, 'demo at 192.0.2.7 asked to create /v2.1/servers: done (202)'],
  [
    { action: 'update/os-start', outcome: 'failure', reason: { reasonCode: '409' } },
    'demo at 192.0.2.7 asked to update/os-start /v2.1/servers: refused (409)',
  ],
  [
    { outcome: 'failure', reason: { reasonCode: '500' } },
    'demo at 192.0.2.7 asked to create /v2.1/servers: failed (500)',
  ],
  [
    { outcome: 'unknown', reason: undefined, initiator: { name: 'unknown' } },
    'somebody asked to create /v2.1/servers: failed',
  ],
])('what was asked for is told with its end: %j', (payload, text) => {
  expect(sayAudit(event(payload))).toBe(text);
});

test('a request that has just come, and what is no request, is told otherwise', () => {
  expect(sayAudit(event({}, 'audit.http.request'))).toBeUndefined();
  expect(sayAudit(event({}, 'compute.instance.create.end'))).toBeUndefined();
});
