import fc from 'fast-check';
import { distance } from 'fastest-levenshtein';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type GantryError, GantryErrors } from '../errors.ts';
import { nodeNetwork } from '../model/node-network.ts';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import { formatCloudConfig } from './format.ts';
import { loadCloudConfig } from './load.ts';
import { cloudSchema } from './schema.ts';
import { keysOf, schemaAt } from './schema-tree.ts';

const directory = '/';
const schema = cloudSchema(await loadCatalogue(projectRoot()));
const load = (text: string) => loadCloudConfig({ schema, directory, text });

function errorsOf(text: string): readonly GantryError[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof GantryErrors) return error.errors;
    throw error;
  }
  return [];
}

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z]$/);
const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const size = fc
  .tuple(fc.integer({ min: 16, max: 4096 }), fc.constantFrom('MiB', 'GiB'))
  .map((parts) => parts.join(''));
const ratio = fc.double({ min: 0.1, max: 100, noNaN: true });

const guest = fc.record(
  {
    name: fc.string({ minLength: 1 }),
    url: fc.webUrl(),
    checksum: fc.stringMatching(/^sha256:[0-9a-f]{64}$/),
    format: fc.constantFrom('qcow2', 'raw'),
    minDisk: size,
    properties: fc.dictionary(name, scalar),
  },
  { requiredKeys: ['name', 'url', 'checksum'] },
);

/** Of a cloud: none of those that `checkReserved` refuses, as names of something else too. */
const cloudName = name.filter(
  (word) => nodeNetwork(word).external !== 'br-ex' && !/^(default|kube-.*)$/.test(word),
);
/** Of a machine that others reach. */
const address = fc
  .ipV4()
  .filter((ip) => /^([1-9]|[1-9]\d|1[013-9]\d|12[0-689])\./.test(ip) && !ip.startsWith('169.254.'));
/** What one line of a file of options can hold, or a list of such. */
const option = scalar.filter((value) => !/[\p{Cc}\u2028\u2029]/u.test(String(value)));

/** What a user could write: any part left out. */
const anyParts = fc.record(
  {
    name: cloudName,
    engine: fc.constantFrom('docker', 'kubernetes'),
    region: fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/),
    public: fc.record({ address, hostname: fc.domain() }, { requiredKeys: [] }),
    network: fc.record(
      {
        internal: fc.constantFrom('10.1.0.0/16', '172.16.4.0/22'),
        mtu: fc.integer({ min: 576, max: 65_535 }),
        external: fc.record(
          { subnet: fc.constantFrom('192.0.2.0/24', '198.51.100.64/28'), nat: fc.boolean() },
          { requiredKeys: [] },
        ),
        tenant: fc.record({ dns: fc.array(address) }),
      },
      { requiredKeys: [] },
    ),
    services: fc.dictionary(name, fc.boolean()),
    replicas: fc.dictionary(name, fc.integer({ min: 0, max: 100 })),
    resources: fc.dictionary(name, fc.record({ memory: size, cpus: ratio }, { requiredKeys: [] })),
    config: fc.dictionary(name, fc.dictionary(name, fc.dictionary(name, fc.oneof(option, fc.array(option))))),
    images: fc.record({
      guests: fc.uniqueArray(guest, { selector: (one) => one.name, maxLength: 3 }),
    }),
    debug: fc.boolean(),
    compute: fc.record({ cpuRatio: ratio, reservedMemory: optional(size) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

/** Without what the engine knows nothing of. */
const anyConfig = anyParts.map((given) => {
  if (given.engine !== 'kubernetes' || given.network === undefined) return given;
  const { internal: _, external: { nat: __, ...external } = {}, ...network } = given.network;
  return { ...given, network: { ...network, external } };
});

/** Random tests take longer on a busy machine. */
const patient = { timeout: 60_000 };

describe('any valid configuration', patient, () => {
  test('reads back as it was shown', () => {
    fc.assert(
      fc.property(anyConfig, (given) => {
        const { config } = load(stringify(given));
        expect(load(formatCloudConfig(config)).config).toEqual(config);
      }),
    );
  });

  test('has an origin for each value, and a place for each that was written', () => {
    fc.assert(
      fc.property(anyConfig, (given) => {
        const { origins } = load(stringify(given));
        expect(origins.name === 'default').toBe(given.name === undefined);
        expect(origins['network.mtu'] === undefined).toBe(given.network?.mtu === undefined);
      }),
    );
  });
});

const sections = [
  [],
  ['public'],
  ['network'],
  ['network', 'external'],
  ['compute'],
  ['images'],
  ['rotation'],
];
const someKey = fc
  .constantFrom(...sections)
  .chain((path) => fc.tuple(fc.constant(path), fc.constantFrom(...keysOf(schemaAt(schema, path)))));
const letter = fc.stringMatching(/^[a-z]$/);
const edit = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), letter }),
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), letter }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(), letter }),
);

function misspell(
  word: string,
  { kind, at, letter: with_ }: { kind: string; at: number; letter: string },
): string {
  const index = at % (word.length + (kind === 'insert' ? 1 : 0));
  const skipped = kind === 'insert' ? 0 : 1;
  return word.slice(0, index) + (kind === 'delete' ? '' : with_) + word.slice(index + skipped);
}

test('a key with one wrong letter is reported at its place with the right key', patient, () => {
  fc.assert(
    fc.property(someKey, edit, ([path, key], change) => {
      const valid = keysOf(schemaAt(schema, path));
      const typo = misspell(key, change);
      fc.pre(key.length > 2 && !valid.includes(typo));
      fc.pre(valid.every((other) => other === key || distance(other, typo) > 2));
      const indent = (level: number) => '  '.repeat(level);
      const lines = [...path, `${typo}: 1`].map((part, level) =>
        level < path.length ? `${indent(level)}${part}:` : `${indent(level)}${part}`,
      );
      const [error] = errorsOf(lines.join('\n')).filter(({ code }) => code === 'config.unknown-key');
      expect(error?.message).toContain(`unknown key "${typo}"`);
      expect(error?.message).toContain(`did you mean "${key}"?`);
      expect(error?.place).toMatchObject({ line: path.length + 1, column: 2 * path.length + 1 });
    }),
    { numRuns: 300 },
  );
});

describe('whatever the text is', patient, () => {
  const yamlish = fc
    .array(
      fc.constantFrom(
        'name',
        'network',
        'config',
        'images',
        'guests',
        'public',
        ': ',
        ':',
        '- ',
        '\n',
        '\n  ',
        '\n    ',
        ' ',
        '{',
        '}',
        '[',
        ']',
        ',',
        '"',
        "'",
        '&a',
        '*a',
        '<<',
        '!t',
        '|',
        '>',
        '#',
        '%YAML 1.1\n---\n',
        '---',
        '...',
        '\t',
        '\r\n',
        '? ',
        '1',
        'null',
        '~',
        '.nan',
        '0x1',
        'true',
        '\u0000',
        '\uFEFF',
        '__proto__',
        'constructor',
        '😀',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(''));

  test('nothing but errors with a place comes out, and they can be shown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), yamlish), (text) => {
        const errors = errorsOf(text);
        for (const { place, message, why, next } of errors) {
          expect(place?.line).toBeGreaterThan(0);
          expect([message, why ?? '', next ?? ''].join('\n')).not.toMatch(/undefined|\[object/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('values of any kind anywhere are refused or taken, never crashed on', () => {
    const paths = [
      'name',
      'network',
      'network.external.pool',
      'public.ports',
      'images.guests',
      'config.a.b',
      'resources.x',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const nested = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
        errorsOf(JSON.stringify(nested));
      }),
      { numRuns: 500 },
    );
  });
});
