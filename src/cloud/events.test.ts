import { expect, test } from 'vitest';
import { eventLines } from './events.ts';

function collect() {
  const got: string[] = [];
  const lines = eventLines(
    ({ id, type }) => got.push(`${id} ${type}`),
    () => got.push('all'),
  );
  return { got, lines };
}

const line = (id: string, type = 'network.create.end') => `${JSON.stringify({ id, type })}\n`;

test('an event whose line comes in pieces is one, also where a letter is cut', () => {
  const { got, lines } = collect();
  const bytes = Buffer.from(line('a', 'größer'));
  const cut = bytes.indexOf('ö') + 1;
  lines.write(bytes.subarray(0, cut));
  expect(got).toEqual([]);
  lines.write(bytes.subarray(cut));
  expect(got).toEqual(['a größer']);
});

test('an event that was kept twice is told once', () => {
  const { got, lines } = collect();
  lines.write(Buffer.from(line('a') + line('b') + line('a')));
  expect(got).toEqual(['a network.create.end', 'b network.create.end']);
});

test('what is kept is told apart from what comes', () => {
  const { got, lines } = collect();
  lines.write(Buffer.from(`${line('a')}\n${line('b')}`));
  expect(got).toEqual(['a network.create.end', 'all', 'b network.create.end']);
});
