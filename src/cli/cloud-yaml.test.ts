import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Known } from '../config/known.ts';
import { loadCloudConfig } from '../config/load.ts';
import { cloudSchema } from '../config/schema.ts';
import { ExitCode, GantryErrors } from '../errors.ts';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { checkSettings } from '../resolve/check-settings.ts';
import { projectRoot } from '../root.ts';
import { ensureAuthority, issueCertificate } from '../secrets/authority.ts';
import { filesIn } from '../secrets/files.ts';
import { describeError } from './report.ts';

const directory = fileURLToPath(new URL('../../test/cli/cloud-yaml', import.meta.url));
const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
const known = JSON.parse(readFileSync(join(directory, 'known.json'), 'utf8')) as Known;

const catalogue = await loadCatalogue(projectRoot());
const schema = cloudSchema(catalogue);

/** A copy with certificates in it: keys are not kept in a repository. */
let copy: string;
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'gantry-cloud-yaml-'));
  cpSync(directory, copy, { recursive: true });
  const clock = () => new Date('2026-01-01T00:00:00Z');
  const authority = await ensureAuthority(filesIn(copy), clock);
  const issue = (dns: string) => issueCertificate({ authority, names: { dns: [dns], ip: [] }, clock });
  const [site, other] = [await issue('cloud.example.org'), await issue('other.example.org')];
  for (const [name, text] of Object.entries({
    'site.pem': site.chain,
    'site.key': site.key,
    'other.key': other.key,
  })) {
    writeFileSync(join(copy, name), text);
  }
});
afterAll(() => rmSync(copy, { recursive: true }));

function load(path: string) {
  return loadCloudConfig({
    schema,
    findings: (config) => checkSettings(catalogue, config),
    path,
    directory: copy,
    known: () => known,
    clock: () => new Date('2026-06-01T00:00:00Z'),
  });
}

/** The messages, with the directory of this checkout taken out. */
function errorsOf(path: string): string {
  try {
    load(path);
  } catch (error) {
    if (!(error instanceof GantryErrors)) throw error;
    expect(error.exitCode).toBe(ExitCode.invalidConfiguration);
    return `${error.errors.map(describeError).join('\n')}\n`.replaceAll(copy, '<directory>');
  }
  throw new Error(`${path} is wrong and was taken`);
}

describe('a wrong cloud.yaml is refused with the message expected:', () => {
  test.each(files.filter((name) => !/^(valid|idle)-/.test(name)))('%s', async (name) => {
    await expect(errorsOf(name)).toMatchFileSnapshot(join(directory, name.replace(/yaml$/, 'expected')));
  });
});

/** Those of a file that is taken, as commands show them. */
function warningsOf(path: string): string {
  return `${load(path).warnings.map(describeError).join('\n')}\n`;
}

describe('a cloud.yaml with settings that change nothing is taken, with the warnings expected:', () => {
  test.each(files.filter((name) => name.startsWith('idle-')))('%s', async (name) => {
    await expect(warningsOf(name)).toMatchFileSnapshot(join(directory, name.replace(/yaml$/, 'expected')));
  });
});

describe('a valid cloud.yaml is taken:', () => {
  test.each(files.filter((name) => name.startsWith('valid-')))('%s', (name) => {
    expect(() => load(name)).not.toThrow();
  });
});

test('every expected message belongs to a file', () => {
  const expected = readdirSync(directory).filter((name) => name.endsWith('.expected'));
  for (const name of expected) expect(files).toContain(name.replace(/expected$/, 'yaml'));
});
