import { expect, it } from 'vitest';
import { describeDomain, parseDomains } from './domain.ts';

it.each([
  ['a\t1\t5\t\t', 'running', false],
  ['a\t3\t1\tweb\t', 'paused: as asked', false],
  ['a\t3\t0\tweb\t', 'paused: nobody asked for it', true],
  ['a\t3\t0\tweb\tKVM internal error. Suberror: 1', /QEMU said: KVM internal error. Suberror: 1$/, true],
  ['a\t3\t5\tweb\t', 'paused: I/O error', true],
  ['a\t5\t2\tweb\t2026-11-27 09:00:00.000+0000: shutting down', 'shut off: switched off', false],
  ['a\t5\t3\tweb\t', 'shut off: QEMU ended unexpectedly', true],
  ['a\t6\t1\tweb\t', 'crashed: its kernel panicked', true],
  ['a\t3\t99\tweb\t', 'paused', false],
  ['a\t99\t1\tweb\t', 'unknown', false],
])('reads %j', (line, words, fault) => {
  const [domain] = parseDomains(`${line}\n`);
  expect(domain?.fault).toBe(fault);
  expect(domain && describeDomain(domain)).toEqual(
    typeof words === 'string' ? words : expect.stringMatching(words),
  );
});

it('reads names as Nova has them, and no line that is none', () => {
  expect(parseDomains('a\t5\t1\tR&amp;D &lt;1&gt;\t\n\nerror: none\n')).toMatchObject([{ name: 'R&D <1>' }]);
});
