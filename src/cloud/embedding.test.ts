import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { holdingOf, prepareCloud } from '../../test/bench/simulated-cloud.ts';
import { type SimulatedCluster, startSimulatedCluster } from '../../test/bench/simulated-cluster.ts';
import type { Plan } from '../plan/step.ts';
import type { StampedEvent } from '../run/events.ts';
import type { Caller } from './caller.ts';
import { loadConfigured } from './configured.ts';
import { planCloud } from './plan.ts';
import { findRunOf, readRunOf } from './runs.ts';
import { bringUp } from './up.ts';

let directory: string;
let file: string;
let cluster: SimulatedCluster;
let environment: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-embedding-'));
  file = join(directory, 'cloud.yaml');
  cluster = await startSimulatedCluster(1, 'embedded');
  environment = await prepareCloud(directory, cluster.port, 'embedded');
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await cluster.close();
  await rm(directory, { recursive: true });
});

test('a program brings a cloud up, gets every event as data, and its terminal stays as it is', async () => {
  const events: StampedEvent[] = [];
  const caller: Caller = {
    emit: (event) => events.push(event),
    confirm: () => Promise.reject(new Error('nobody is here')),
    signal: new AbortController().signal,
  };
  const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
  const configured = await loadConfigured({ file });
  let planned: Plan | undefined;
  const plan = await planCloud(
    configured,
    (made) => {
      planned = made;
    },
    caller,
  );
  const { objects, ledger } = await holdingOf(file);
  cluster.hold(objects, ledger, 'up');
  const { result, steps } = await bringUp(configured, { skipPreflight: true }, caller);
  for (const write of writes) expect(write).not.toHaveBeenCalled();
  vi.restoreAllMocks();

  expect(planned).toBe(plan);
  expect(plan.steps.length).toBeGreaterThan(50);
  expect({ result, steps }).toEqual({ result: 'done', steps: 0 });
  const { id } = await findRunOf(configured, 'last');
  const ofRun = events.filter(({ run }) => run === id);
  expect(ofRun.map(({ type }) => type)).toEqual(['command.started', 'notice', 'command.finished']);
  expect(await readRunOf(configured, id)).toEqual(ofRun);
});

// A program of its own is compiled first.
const LIMIT_MS = 180_000;

test(
  'the example keeps why a cloud does not come up, and writes nothing else',
  async () => {
    const kept = join(directory, 'events.jsonl');
    const example = join(import.meta.dirname, '../../examples/embed.ts');
    const ended = await new Promise((resolve) => {
      const args = ['--import', 'tsx', example, file, kept];
      const env = { ...process.env, ...environment };
      execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code, stdout, stderr }),
      );
    });
    expect(ended).toEqual({ code: 1, stdout: '', stderr: '' });
    const events = (await readFile(kept, 'utf8')).trimEnd().split('\n');
    // Nothing can be changed in this cluster, which the checks find out.
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({
      type: 'command.finished',
      result: 'failed',
      error: { code: 'machine.unfit' },
    });
  },
  LIMIT_MS,
);
