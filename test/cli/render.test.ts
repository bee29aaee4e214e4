import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type SimulatedCluster, startSimulatedCluster } from '../bench/simulated-cluster.ts';
import { type Result, start } from '../e2e/gantry.ts';
import { lookAt } from '../e2e/reading.ts';

const launcher = join(import.meta.dirname, '../../gantry');

let directory: string;
let cluster: SimulatedCluster;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-render-'));
  cluster = await startSimulatedCluster(3, 'rendered');
  cluster.hold([], {}, 'absent');
  await writeFile(
    join(directory, 'kubeconfig'),
    JSON.stringify({
      'current-context': 'simulated',
      contexts: [{ name: 'simulated', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        {
          name: 'c',
          cluster: { server: `http://127.0.0.1:${cluster.port}`, 'insecure-skip-tls-verify': true },
        },
      ],
      users: [{ name: 'u', user: { token: 'none' } }],
    }),
  );
  const registry = `{registry: 'localhost:${cluster.port}/cloud'}`;
  await writeFile(
    join(directory, 'cloud.yaml'),
    `name: rendered\nengine: kubernetes\nimages: ${registry}\nkubernetes: {sharedStorageClass: shared}\n`,
  );
});

afterAll(async () => {
  await cluster.close();
  await rm(directory, { recursive: true });
});

function render(...args: string[]): Promise<Result> {
  const environment = { KUBECONFIG: join(directory, 'kubeconfig'), GANTRY_STATE: join(directory, 'state') };
  return start(launcher, ['render', ...args], { cwd: directory, environment, limitMs: 120_000 }).finished;
}

/** Names of Secrets that manifests refer to. */
function referred(manifests: string): string[] {
  const names = [...manifests.matchAll(/secret:\n\s+(?:.*\n\s+)*?(?:secretName|name): (\S+)/g)];
  return [...new Set(names.map(([, name = '']) => name))].sort();
}

test('manifests are a look until their secrets are kept, and belong to them then', async () => {
  const look = await render();
  expect(look.stderr).toMatch(/^warning: to look at only, not to apply: .*secrets\.json/);
  expect(look).toMatchObject({ code: 0, stdout: expect.stringContaining('kind: StatefulSet') });
  expect(existsSync(join(directory, 'state'))).toBe(false);

  const kept = await render('--secrets-to', 'secrets.yaml');
  expect(kept).toMatchObject({ code: 0, stderr: '' });
  const state = join(directory, 'state', 'rendered');
  const before = await lookAt(state);
  const kinds = Object.keys(before).filter((name) => !name.startsWith('runs/'));
  expect(kinds).toEqual(['.', 'authority.pem', 'public.pem', 'runs', 'secrets.json']);
  const again = await render();
  expect(again).toMatchObject({ code: 0, stderr: '', stdout: kept.stdout });
  expect(await lookAt(state)).toEqual(before);

  const text = await readFile(join(directory, 'secrets.yaml'), 'utf8');
  const written = parseAllDocuments(text).map((document) => document.toJS().metadata.name);
  const wanted = referred(kept.stdout);
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((name) => !written.includes(name))).toEqual([]);
  expect(wanted).not.toEqual(referred(look.stdout));
});
