import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StepContext } from '../engine/engine.ts';
import { GantryError } from '../errors.ts';
import { plan } from '../plan/planner.ts';
import type { Step } from '../plan/step.ts';
import { makeDesired, makeMariadb, observeNothing } from '../plan/testing/workloads.ts';
import type { StampedEvent } from '../run/events.ts';
import { applyPlan } from './apply.ts';
import type { Caller } from './caller.ts';
import { change, type Ended } from './change.ts';
import type { Cloud } from './cloud.ts';
import type { Configured } from './configured.ts';
import { findRunOf, readRunOf, timelineOf } from './runs.ts';

const desired = makeDesired({ processes: [makeMariadb()] });
let configured: Configured;
let abort: AbortController;
let events: StampedEvent[];
let caller: Caller;

beforeEach(async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'gantry-change-'));
  configured = { stateDirectory, config: { name: 'demo' } } as Configured;
  abort = new AbortController();
  events = [];
  caller = {
    emit: (event) => events.push(event),
    confirm: () => Promise.reject(new Error('nothing is asked')),
    signal: abort.signal,
  };
});
afterEach(() => rm(configured.stateDirectory, { recursive: true }));

/** Brings the desired up on an engine that does its steps so. */
function bringUp(act: (step: Step, context: StepContext) => Promise<void>): Promise<Ended> {
  const engine = { executor: () => act } as unknown as Cloud['engine'];
  return change(configured, { command: 'gantry up' }, caller, (run) =>
    applyPlan({ desired, engine }, plan(desired, observeNothing()), 'Bringing up', run),
  );
}

describe('a change', () => {
  test('gives every event as data, keeps them, and writes to no stream', async () => {
    const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
    const { result } = await bringUp(async (_, { log }) => log('at work'));
    for (const write of writes) expect(write).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(result).toBe('done');
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe('command.started');
    expect(types.at(-1)).toBe('command.finished');
    const { steps } = plan(desired, observeNothing());
    expect(types.filter((type) => type === 'step.finished')).toHaveLength(steps.length);
    const { id } = await findRunOf(configured, 'last');
    expect(new Set(events.map(({ cloud, run }) => `${cloud} ${run}`))).toEqual(new Set([`demo ${id}`]));
    expect(events.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
    expect(await readRunOf(configured, id)).toEqual(JSON.parse(JSON.stringify(events)));
    expect(await timelineOf(configured, id)).toContain('Bringing up');
  });

  test('that fails tells why, and is a run that failed', async () => {
    const broken = new GantryError({ code: 'x', whose: 'environment', message: 'no disk' });
    const failing = change(configured, { command: 'gantry up' }, caller, () => Promise.reject(broken));
    await expect(failing).rejects.toBe(broken);
    expect(events.at(-1)).toMatchObject({ result: 'failed', error: { code: 'x', message: 'no disk' } });
    const failed = await findRunOf(configured, 'last');
    expect(failed).toMatchObject({ result: 'failed', error: 'no disk' });
    expect(await timelineOf(configured, failed.id)).toBeUndefined();
  });

  test('that is interrupted is a run that was', async () => {
    const { result } = await bringUp(async () => {
      abort.abort(new Error('interrupted'));
      throw abort.signal.reason;
    });
    expect(result).toBe('interrupted');
    expect(await findRunOf(configured, 'last')).toMatchObject({ result: 'interrupted' });
  });

  test('holds the lock while it goes on, and only then', async () => {
    await bringUp(async () => {
      expect(await readdir(configured.stateDirectory)).toContain('lock');
      await expect(bringUp(async () => {})).rejects.toThrow('Another run is changing this cloud');
    });
    expect(await readdir(configured.stateDirectory)).not.toContain('lock');
  });

  test('goes on where its events cannot be kept, and says so', async () => {
    await rm(configured.stateDirectory, { recursive: true });
    configured.stateDirectory = '/dev/null/state';
    await change(configured, { command: 'gantry verify', shared: true }, caller, async () => ({
      result: 'done',
    }));
    expect(events.at(-1)).toMatchObject({
      type: 'notice',
      level: 'warning',
      text: expect.stringMatching(/are not kept: E/),
    });
    configured.stateDirectory = await mkdtemp(join(tmpdir(), 'gantry-change-'));
  });
});
