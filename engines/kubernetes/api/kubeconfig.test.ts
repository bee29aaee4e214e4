import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { GantryError } from '../../../src/errors.ts';
import { loadKubeConfig } from './kubeconfig.ts';
import { importConfig } from './library.ts';

describe('a kubeconfig', () => {
  let directory: string | undefined;
  // Some hundred files that a bundle makes one of.
  beforeAll(importConfig, 60_000);
  afterEach(async () => {
    if (directory) await rm(directory, { recursive: true });
    directory = undefined;
  });

  const context = (name: string) => ({ name, context: { cluster: 'c', user: 'u' } });
  async function write(content: object | string): Promise<string> {
    directory = await mkdtemp(join(tmpdir(), 'gantry-kubeconfig-'));
    const file = join(directory, 'config');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }
  const valid = {
    'current-context': 'staging',
    contexts: [context('production'), context('staging')],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token: 'x' } }],
  };
  const failure = (file: string, wanted?: string): Promise<GantryError> =>
    loadKubeConfig({ KUBECONFIG: file }, wanted).then(
      () => Promise.reject(new Error('was accepted')),
      (error: GantryError) => error,
    );

  test('gives its current context, or the one that is asked for', async () => {
    const file = await write(valid);
    expect((await loadKubeConfig({ KUBECONFIG: file }, undefined)).getCurrentContext()).toBe('staging');
    expect((await loadKubeConfig({ KUBECONFIG: `/nowhere:${file}` }, 'production')).getCurrentContext()).toBe(
      'production',
    );
  });

  test('without the context names the nearest one', async () => {
    const error = await failure(await write(valid), 'prodction');
    expect(error).toMatchObject({ code: 'kubernetes.unknown-context', next: 'Did you mean production?' });
    expect(error.why).toBe('There are: production, staging');
  });

  test('that is missing, broken or incomplete is told so', async () => {
    expect((await failure('/nowhere/config')).code).toBe('kubernetes.no-config');
    expect((await failure(await write('clusters: ['))).code).toBe('kubernetes.invalid-config');
    await rm(directory as string, { recursive: true });
    expect((await failure(await write({ ...valid, users: [] }))).code).toBe('kubernetes.invalid-config');
  });
});
