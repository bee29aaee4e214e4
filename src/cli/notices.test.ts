import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventBody } from '../run/events.ts';
import { warnOnce, withDisplay } from './notices.ts';

let written: string;
beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

test('a warning of one topic is a line, once', () => {
  warnOnce('x is deprecated (of a)', 'x is deprecated', 'plain');
  warnOnce('x is deprecated (of b)', 'x is deprecated', 'plain');
  warnOnce('y is deprecated', 'y is deprecated', 'json');
  expect(written.split('\n')).toEqual([
    'warning: x is deprecated (of a)',
    '{"type":"notice","level":"warning","text":"y is deprecated"}',
    '',
  ]);
});

test('while a run is shown, a warning is an event of it', async () => {
  const shown: EventBody[] = [];
  const run = withDisplay(
    (event) => shown.push(event),
    async () => {
      warnOnce('of the run', 'of the run', 'auto');
      throw new Error('failed');
    },
  );
  await expect(run).rejects.toThrow('failed');
  warnOnce('after the run', 'after the run', 'auto');
  expect(shown).toEqual([{ type: 'notice', level: 'warning', text: 'of the run' }]);
  expect(written).toBe('warning: after the run\n');
});
