import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  literal,
  mergeSections,
  type OsloSections,
  part,
  renderedIni,
  renderOsloIni,
  renderSections,
} from './oslo.ts';

describe("oslo.config's INI", () => {
  test('has DEFAULT first, then groups and options by name', () => {
    const sections = { api: { b: 1, a: true }, DEFAULT: { z: 'last' }, Upper: { x: 1 }, a_b: { x: 1 } };
    expect(renderOsloIni(sections)).toBe(
      '[DEFAULT]\nz = last\n\n[Upper]\nx = 1\n\n[a_b]\nx = 1\n\n[api]\na = true\nb = 1\n',
    );
  });

  test('repeats the key of an option with several values, in their order', () => {
    expect(renderOsloIni({ pci: { device_spec: ['{"b": 1}', '{"a": 2}'] } })).toBe(
      '[pci]\ndevice_spec = {"b": 1}\ndevice_spec = {"a": 2}\n',
    );
  });

  test('indents the further lines of a value, which oslo.config joins again', () => {
    expect(renderOsloIni({ a: { text: 'one\ntwo\n[b]' } })).toBe('[a]\ntext = one\n    two\n    [b]\n');
  });

  test('leaves out options without a value, and groups without options', () => {
    expect(renderOsloIni({ a: { x: undefined }, b: {}, c: { y: 0, z: undefined, empty: '' } })).toBe(
      '[c]\nempty = \ny = 0\n',
    );
  });

  test('does not depend on the order in which options were set', () => {
    const names = fc.stringMatching(/^[a-z_]{1,8}$/);
    const anySections = fc.dictionary(names, fc.dictionary(names, fc.integer(), { noNullPrototype: true }), {
      noNullPrototype: true,
    });
    const reversed = <T>(record: Record<string, T>) => Object.fromEntries(Object.entries(record).reverse());
    fc.assert(
      fc.property(anySections, (sections) => {
        const other = reversed(
          Object.fromEntries(Object.entries(sections).map(([group, options]) => [group, reversed(options)])),
        );
        expect(renderOsloIni(other)).toBe(renderOsloIni(sections));
      }),
    );
  });
});

describe('literal', () => {
  test('doubles every dollar sign', () => {
    expect(literal('a$b$$c')).toBe('a$$b$$$$c');
    expect(literal('none')).toBe('none');
  });

  test('is what oslo.config reads back', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', 'a', '{', '}') }), (text) => {
        expect(literal(text).replaceAll('$$', () => '$')).toBe(text);
        expect(literal(text)).not.toMatch(/(^|[^$])(\$\$)*\$([^$]|$)/);
      }),
    );
  });
});

describe('merged sections', () => {
  const base: OsloSections = { DEFAULT: { debug: false, workers: 2 }, api: { max_limit: 1000 } };

  test('take the later value, option by option', () => {
    expect(mergeSections(base, { DEFAULT: { debug: true }, vnc: { enabled: true } })).toEqual({
      DEFAULT: { debug: true, workers: 2 },
      api: { max_limit: 1000 },
      vnc: { enabled: true },
    });
  });

  test('leave out what a later one sets to nothing, and leave their inputs alone', () => {
    const merged = mergeSections(base, { api: { max_limit: undefined } });
    expect(renderOsloIni(merged)).not.toContain('max_limit');
    expect(base.api).toEqual({ max_limit: 1000 });
  });
});

test('no value begins a line of its own, however its lines end', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    const text = renderOsloIni({ DEFAULT: { text: `one${end}[database]` } });
    expect(text).toBe('[DEFAULT]\ntext = one\n    [database]\n');
  }
});

describe('rendered sections', () => {
  const shared = part('cache', { cache: { enabled: true, backend: 'pool' } });
  const own = {
    cache: { backend: 'own' },
    database: part('database', { connection: 'mysql' }),
    api: { a: undefined },
  };
  const rendered = renderSections([shared, own], {
    path: 'config.nova.conf',
    sections: { cache: { enabled: false }, extra: { list: ['x', 'y'] } },
  });

  test('tell of each option where it is from: the last that says it', () => {
    expect(rendered).toEqual({
      cache: {
        enabled: { value: false, setting: 'config.nova.conf.cache.enabled' },
        backend: { value: 'own' },
      },
      database: { connection: { value: 'mysql', part: 'database' } },
      extra: { list: { value: ['x', 'y'], setting: 'config.nova.conf.extra.list' } },
    });
  });

  test('are the text that merging the same layers gives', () => {
    const merged = mergeSections(shared, own, { cache: { enabled: false }, extra: { list: ['x', 'y'] } });
    expect(renderedIni(rendered)).toBe(renderOsloIni(merged));
  });

  test('leave out what a later layer takes back', () => {
    const without = renderSections([{ a: { x: 1, y: 2 } }, { a: { x: undefined } }], {
      path: 'p',
      sections: {},
    });
    expect(without).toEqual({ a: { y: { value: 2 } } });
  });
});
