import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExitCode, type GantryError, GantryErrors } from '../errors.ts';
import { releases } from '../model/releases.ts';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import { ensureAuthority, issueCertificate } from '../secrets/authority.ts';
import { filesIn } from '../secrets/files.ts';
import type { Known } from './known.ts';
import { type LoadOptions, loadCloudConfig } from './load.ts';
import { cloudSchema } from './schema.ts';

const catalogue = await loadCatalogue(projectRoot());
const schema = cloudSchema(catalogue);
const loadCloud = (options: Omit<LoadOptions, 'schema'>) => loadCloudConfig({ schema, ...options });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gantry-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function errorsOf(run: () => unknown): readonly GantryError[] {
  try {
    run();
  } catch (error) {
    if (error instanceof GantryErrors) return error.errors;
    throw error;
  }
  return [];
}

describe('the file', () => {
  test('is optional where it is not named', () => {
    expect(loadCloud({ directory }).config).toEqual(schema.parse({}));
    writeFileSync(join(directory, 'cloud.yaml'), 'name: blue\n');
    expect(loadCloud({ directory }).config.name).toBe('blue');
  });

  test('that is named must exist and be a file', () => {
    mkdirSync(join(directory, 'folder'));
    const why = { 'absent.yaml': 'does not exist', folder: 'is a directory' };
    for (const [path, reason] of Object.entries(why)) {
      const [error] = errorsOf(() => loadCloud({ directory, path }));
      expect(error?.message).toBe(`cannot read ${path}: it ${reason}`);
      expect(error?.place).toEqual({ file: path, line: 1, column: 1 });
      expect(error?.exitCode).toBe(ExitCode.invalidConfiguration);
    }
  });

  test('has relative paths that start beside it, wherever it is read from', async () => {
    mkdirSync(join(directory, 'clouds'));
    const clock = () => new Date();
    const authority = await ensureAuthority(filesIn(directory), clock);
    const { chain, key } = await issueCertificate({ authority, names: { dns: [], ip: [] }, clock });
    writeFileSync(join(directory, 'clouds', 'site.pem'), chain);
    writeFileSync(join(directory, 'clouds', 'site.key'), key);
    const text = 'public: {certificate: site.pem, key: ./site.key}\n';
    writeFileSync(join(directory, 'clouds', 'blue.yaml'), text);
    const { config } = loadCloud({ directory, path: 'clouds/blue.yaml' });
    expect(config.public.certificate).toBe(join(directory, 'clouds', 'site.pem'));
    expect(config.public.key).toBe(join(directory, 'clouds', 'site.key'));
  });
});

describe('values from the command line', () => {
  test('win over the file, and leave the rest of it', () => {
    const { config } = loadCloud({
      directory,
      text: 'name: blue\npublic: {hostname: cloud.example.org}\n',
      overrides: { name: 'green', 'public.address': '192.0.2.7', engine: undefined },
    });
    expect(config).toMatchObject({
      name: 'green',
      engine: 'docker',
      public: { address: '192.0.2.7', hostname: 'cloud.example.org' },
    });
  });

  test('are checked like the file, without a place in it', () => {
    const [error] = errorsOf(() => loadCloud({ directory, overrides: { name: 'Blue' } }));
    expect(error?.message).toMatch(/^on the command line: name must be lower-case/);
    expect(error?.place).toBeUndefined();
  });

  test('do not hide that a section of the file is none', () => {
    const [error] = errorsOf(() =>
      loadCloud({ directory, text: 'public: 1\n', overrides: { 'public.address': '192.0.2.7' } }),
    );
    expect(error?.place).toMatchObject({ line: 1, column: 9 });
  });
});

test('each value knows where it comes from', () => {
  const text = ['name: blue', 'network:', '  mtu: 1400', '  tenant: {dns: [192.0.2.53]}', ''].join('\n');
  const { origins } = loadCloud({ directory, text, overrides: { region: 'North' } });
  expect(origins.name).toEqual({ file: 'cloud.yaml', line: 1, column: 7, text: 'name: blue' });
  expect(origins['network.mtu']).toMatchObject({ line: 3, column: 8 });
  expect(origins['network.tenant.dns']).toMatchObject({ line: 4, column: 17 });
  expect(origins.region).toBe('flag');
  expect(origins['network.external.pool.start']).toBe('default');
});

test('the gateway and the pool follow the external subnet', () => {
  const external = (subnet: string) =>
    loadCloud({ directory, text: `network: {external: {subnet: ${subnet}}}` }).config.network.external;
  expect(external('192.0.2.0/24')).toMatchObject({
    gateway: '192.0.2.1',
    pool: { start: '192.0.2.20', end: '192.0.2.200' },
  });
  expect(external('192.0.2.64/29')).toMatchObject({
    gateway: '192.0.2.65',
    pool: { start: '192.0.2.66', end: '192.0.2.70' },
  });
});

describe('oslo options', () => {
  const known: Known = {
    services: [],
    processes: [],
    configFiles: {
      'nova.conf': {
        api: {
          max_limit: { type: 'integer', min: 0 },
          osapi_max_limit: { type: 'integer', deprecatedFor: 'max_limit' },
        },
      },
      'free.conf': undefined,
    },
  };
  const load = (text: string) => loadCloud({ directory, text, known: () => known });

  test('keep numbers as they were written, since they end as text', () => {
    const { config } = load(
      'config: {free.conf: {DEFAULT: {mode: 0644, version: 1.10, big: 12345678901234567890, n: 5}}}',
    );
    expect(config.config['free.conf']?.DEFAULT).toEqual({
      mode: '0644',
      version: '1.10',
      big: '12345678901234567890',
      n: 5,
    });
  });

  test('under a former name work, with a warning at their place', () => {
    const { warnings } = load('config:\n  nova.conf:\n    api: {osapi_max_limit: 5}\n');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: 'config.former-option', next: 'Use max_limit instead.' });
    expect(warnings[0]?.place).toMatchObject({ line: 3, column: 11 });
  });

  test('that refer to other options are left to the service', () => {
    expect(() => load('config: {nova.conf: {api: {max_limit: $other}}}')).not.toThrow();
  });
});

describe('of two releases', () => {
  const second = { name: 'fictive', number: '2100.1', debian: 'sid', buildArguments: {} };
  const schemaOfTwo = cloudSchema(catalogue, [releases[0], second]);
  const configFiles: Record<string, Known['configFiles']> = {
    [releases[0].name]: { 'nova.conf': { DEFAULT: { former: { type: 'string' } } } },
    [second.name]: { 'nova.conf': { DEFAULT: { newer: { type: 'string' } } }, 'late.conf': undefined },
  };
  const optionData = { 'late.conf': 'catalogue/late/options.fictive.json' };
  const load = (text: string) =>
    loadCloudConfig({
      schema: schemaOfTwo,
      directory,
      text,
      known: ({ release }) => ({
        services: [],
        processes: [],
        configFiles: configFiles[release] ?? {},
        optionData,
      }),
    });

  test.each(['fictive', '2100.1', '"2100.1"'])('one is named by %s', (release) => {
    expect(load(`release: ${release}\n`).config.release).toBe('fictive');
    expect(load('').config.release).toBe(releases[0].name);
  });

  test('the one decides which options there are', () => {
    const options = (name: string) => `config: {nova.conf: {DEFAULT: {${name}: a}}}\n`;
    expect(() => load(`release: fictive\n${options('newer')}`)).not.toThrow();
    expect(errorsOf(() => load(`release: fictive\n${options('former')}`))).toMatchObject([
      { code: 'config.unknown-option' },
    ]);
    expect(errorsOf(() => load(options('newer')))).toMatchObject([{ code: 'config.unknown-option' }]);
  });

  test('the nearest is said where none has the name', () => {
    const [error] = errorsOf(() => load('region: one\nrelease: fictiv\n'));
    const names = `${releases[0].name} or fictive`;
    expect(error?.message).toBe(`release must be ${names}; did you mean "fictive"?`);
    expect(error?.place).toMatchObject({ line: 2, column: 10 });
  });

  test('the one without option data of a service says so where its options are set', () => {
    const { warnings } = load('release: fictive\nconfig:\n  late.conf: {DEFAULT: {any: 1}}\n');
    expect(warnings).toMatchObject([
      {
        code: 'config.options-unchecked',
        message: 'the options of late.conf in fictive are not known, and not checked',
        next: 'Have catalogue/late/options.fictive.json written by "npm run options".',
        place: { line: 3, column: 3 },
      },
    ]);
  });
});

test('aliases that multiply each other are stopped', () => {
  const lines = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 10; level += 1) {
    const previous = `*a${level - 1}`;
    lines.push(`b${level}: &a${level} [${Array(10).fill(previous).join(', ')}]`);
  }
  const errors = errorsOf(() => loadCloud({ directory, text: lines.join('\n') }));
  expect(errors.map((error) => error.code)).toContain('config.too-large');
});

test('text nested without end is refused, not crashed on', () => {
  for (const text of [
    '['.repeat(100_000),
    '{a: '.repeat(5000),
    `name: ${'['.repeat(200)}${']'.repeat(200)}`,
  ]) {
    expect(errorsOf(() => loadCloud({ directory, text })).length).toBeGreaterThan(0);
  }
});
