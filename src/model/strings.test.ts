import { expect, it } from 'vitest';
import { excerpt, lastLines, parseStrings } from './strings.ts';

it('reads what engines keep as JSON, however damaged', () => {
  expect(parseStrings('{"a":"b","c":1}')).toEqual({ a: 'b' });
  expect(parseStrings('{')).toEqual({});
  expect(parseStrings('null')).toEqual({});
  expect(parseStrings(undefined)).toEqual({});
});

it('takes the last lines of output', () => {
  expect(excerpt('\none\ntwo\nthree\n\n', 2)).toBe('two\nthree');
  expect(excerpt('', 2)).toBe('');
});

it('takes the last lines of a console that say something', () => {
  expect(lastLines('a\r\n\r\nb\r\nc\r\n\r\n', 2)).toBe('b\nc');
});
