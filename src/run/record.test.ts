import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GantryError, reportError } from '../errors.ts';
import type { EventBody, StampedEvent } from './events.ts';
import { makeRunId, RunRecord, recordsDirectory } from './record.ts';
import { findRun, listRuns, readRun } from './records.ts';

const begun = Date.parse('2026-11-27T16:08:12.345Z');
const started: EventBody = {
  type: 'command.started',
  command: 'gantry up',
  pid: 4711,
  processStart: '99',
  host: 'here',
};
const error = reportError(new GantryError({ code: 'x', whose: 'user', message: 'no disk' }));
const alive = async (): Promise<boolean> => true;
const gone = async (): Promise<boolean> => false;

let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'gantry-record-'));
});
afterEach(() => rm(state, { recursive: true }));

/** Keeps these events, a second apart, as those of a run that began so many minutes after the first. */
function keep(bodies: readonly EventBody[], minutes = 0, secrets: string[] = []): string {
  const start = begun + minutes * 60_000;
  const id = makeRunId(new Date(start), () => Buffer.from([0xab, minutes]));
  const record = new RunRecord(state, id);
  record.hide(() => secrets);
  for (const [index, body] of bodies.entries()) {
    const time = new Date(start + index * 1000).toISOString();
    record.keep({ at: index, time, cloud: 'demo', run: id, ...body } as StampedEvent);
  }
  record.close();
  return id;
}

const end = (result: 'done' | 'failed' | 'interrupted'): EventBody => ({ type: 'command.finished', result });

describe('a record', () => {
  test('has every event but progress, in files that only their owner reads', async () => {
    const log: EventBody = { type: 'step.log', id: 'job.run x', line: 'made a table' };
    const progress: EventBody = { type: 'activity.progress', name: 'image', done: 1, total: 2 };
    const id = keep([started, log, progress, end('done')]);
    expect(id).toBe('20261127-160812-ab00');
    expect(await readRun(state, id)).toMatchObject([started, log, end('done')]);
    const modes = [recordsDirectory(state), join(recordsDirectory(state), `${id}.jsonl`)].map(async (path) =>
      ((await stat(path)).mode & 0o777).toString(8),
    );
    expect(await Promise.all(modes)).toEqual(['700', '600']);
  });

  test('holds no secret, of one line or several', async () => {
    const key = '-----BEGIN\nabc"def\n-----END';
    const line = `password hunter2hunter2 and ${key}.`;
    const id = keep([started, { type: 'step.log', id: 'x', line }], 0, ['hunter2hunter2', key]);
    expect((await readRun(state, id))[1]).toMatchObject({ line: 'password [secret] and [secret].' });
  });

  test('that is full says so, leaves output out first, and has the end', async () => {
    const line = 'x'.repeat(1024 * 1024);
    const logs = Array.from({ length: 6 }, (): EventBody => ({ type: 'step.log', id: 'x', line }));
    const id = keep([started, ...logs, { type: 'step.finished', id: 'x' }, end('done')]);
    const types = (await readRun(state, id)).map(({ type }) => type);
    expect(types).toEqual([
      'command.started',
      ...['step.log', 'step.log', 'step.log', 'notice'],
      'step.finished',
      'command.finished',
    ]);
    expect((await stat(join(recordsDirectory(state), `${id}.jsonl`))).size).toBeLessThan(5 * 2 ** 20);
  });

  test('that cannot be written ends nothing, and tells why', async () => {
    await writeFile(recordsDirectory(state), 'in the way');
    const record = new RunRecord(state, 'x');
    record.keep({ at: 0, time: '', cloud: 'demo', ...started });
    record.close();
    expect(record.problem).toMatch(/EEXIST/);
  });

  test('of the oldest run goes when there are fifty', async () => {
    const ids = Array.from({ length: 53 }, (_, index) => keep([started], index));
    const names = await readdir(recordsDirectory(state));
    expect(names.sort()).toEqual(ids.slice(3).map((id) => `${id}.jsonl`));
  });
});

describe('the list of runs', () => {
  test('tells the command, the time and the end of each, the latest first', async () => {
    keep([started, end('done')]);
    keep([started, { type: 'command.finished', result: 'failed', error }], 1);
    keep([started, end('interrupted')], 2);
    const runs = await listRuns(state, gone);
    expect(runs.map(({ id, result }) => `${id} ${result}`)).toEqual([
      '20261127-161012-ab02 interrupted',
      '20261127-160912-ab01 failed',
      '20261127-160812-ab00 done',
    ]);
    expect(runs[1]).toMatchObject({
      command: 'gantry up',
      startedAt: '2026-11-27T16:09:12.345Z',
      seconds: 1,
      error: 'no disk',
    });
  });

  test('tells a run that goes on from one whose process is gone', async () => {
    const id = keep([started, { type: 'step.started', id: 'x' }]);
    const results = [alive, gone].map(async (is) => (await listRuns(state, is))[0]?.result);
    expect(await Promise.all(results)).toEqual(['running', 'killed']);
    // The machine went while a line was written.
    const path = join(recordsDirectory(state), `${id}.jsonl`);
    await truncate(path, (await stat(path)).size - 5);
    expect(await listRuns(state, gone)).toMatchObject([{ id, result: 'killed', seconds: 0 }]);
    await truncate(path, 10);
    expect(await listRuns(state, gone)).toMatchObject([
      { id, result: 'killed', startedAt: '2026-11-27T16:08:12.000Z' },
    ]);
  });
});

describe('a run is found', () => {
  test('by its id, the beginning of it, or as the last', async () => {
    const [first, second] = [keep([started]), keep([started], 1)] as const;
    expect(await findRun(state, first)).toBe(first);
    expect(await findRun(state, '20261127-1609')).toBe(second);
    expect(await findRun(state, 'last')).toBe(second);
  });

  test('unless none is meant, or several', async () => {
    await expect(findRun(state, 'last')).rejects.toThrow('no run of this cloud is kept');
    const first = keep([started]);
    keep([started], 1);
    await expect(findRun(state, '20261127-160812-ab0x')).rejects.toThrow(`did you mean "${first}"?`);
    await expect(findRun(state, '20261127')).rejects.toThrow('is the beginning of 2 runs');
    await expect(findRun(state, '')).rejects.toThrow('no run ""');
  });
});
