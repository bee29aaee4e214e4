import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Known } from '../config/known.ts';
import { loadCloudConfig } from '../config/load.ts';
import { ExitCode, GantryErrors } from '../errors.ts';
import { describeError } from './report.ts';

const directory = fileURLToPath(new URL('../../test/cli/cloud-yaml', import.meta.url));
const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
const known = JSON.parse(readFileSync(join(directory, 'known.json'), 'utf8')) as Known;

function load(path: string) {
  return loadCloudConfig({ path, directory, known });
}

/** The messages, with the directory of this checkout taken out. */
function errorsOf(path: string): string {
  try {
    load(path);
  } catch (error) {
    if (!(error instanceof GantryErrors)) throw error;
    expect(error.exitCode).toBe(ExitCode.invalidConfiguration);
    return `${error.errors.map(describeError).join('\n')}\n`.replaceAll(directory, '<directory>');
  }
  throw new Error(`${path} is wrong and was taken`);
}

describe('a wrong cloud.yaml is refused with the message expected:', () => {
  test.each(files.filter((name) => !name.startsWith('valid-')))('%s', async (name) => {
    await expect(errorsOf(name)).toMatchFileSnapshot(join(directory, name.replace(/yaml$/, 'expected')));
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
