import { expect, test } from 'vitest';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import { waitUntilRetired } from './retire.ts';
import type { RunContext } from './run-context.ts';

const identity = { identity: 'new', image: '', settings: '', fileHashes: {} };

function podOf(name: string, of: string, status: object, deletionTimestamp?: string): Pod {
  const labels = { [Label.name]: 'app', [Label.identity]: of };
  const metadata = { name, namespace: 'c', uid: name, labels, deletionTimestamp };
  return { metadata, spec: {}, status } as unknown as Pod;
}

const running = { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } }] };
const ended = { phase: 'Running', containerStatuses: [{ name: 'main', state: { terminated: {} } }] };

/** A cluster with these pods, of which those that are being stopped have ended after so many milliseconds. */
async function waitsFor(pods: readonly Pod[], endAfter: number): Promise<{ time: number; said: string[] }> {
  let time = 0;
  const said: string[] = [];
  const now = (pod: Pod): Pod =>
    pod.metadata.deletionTimestamp && time >= endAfter ? ({ ...pod, status: ended } as Pod) : pod;
  const request = async (_method: string, path: string) => {
    const found = pods.find(({ metadata }) => path.endsWith(`/pods/${metadata.name}`));
    return found ? now(found) : { items: pods.map(now), metadata: {} };
  };
  const sleep = async (milliseconds: number) => {
    time += milliseconds;
  };
  const run = {
    api: { request } as unknown as ClusterApi,
    scope: { cloud: 'c', namespace: 'c' },
    options: { clock: { now: () => time, sleep } },
  } as unknown as RunContext;
  const context = { signal: new AbortController().signal, waiting: (text: string) => said.push(text) };
  await waitUntilRetired(run, { name: 'app', identity }, context);
  return { time, said: [...new Set(said)] };
}

test('one that is being stopped is waited for until nothing runs in it', async () => {
  const pods = [podOf('app-new', 'new', running), podOf('app-old', 'old', running, '2026-01-01T00:00:00Z')];
  const { time, said } = await waitsFor(pods, 30_000);
  expect(time).toBeGreaterThanOrEqual(30_000);
  expect(said).toEqual(['app-old to end']);
});

test('one that its node evicted, and those of now, are not', async () => {
  const pods = [podOf('app-new', 'new', running), podOf('app-old', 'old', { phase: 'Failed' })];
  expect(await waitsFor(pods, 0)).toEqual({ time: 0, said: [] });
});

test('one that does not end is not taken for gone', async () => {
  const pods = [podOf('app-old', 'old', running, '2026-01-01T00:00:00Z')];
  await expect(waitsFor(pods, Number.POSITIVE_INFINITY)).rejects.toMatchObject({
    code: 'kubernetes.not-gone',
  });
});
