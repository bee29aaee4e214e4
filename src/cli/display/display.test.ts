import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { GantryError, reportError } from '../../errors.ts';
import { type InstanceStepArgs, makeStep } from '../../plan/instance-steps.ts';
import { summarizeStep } from '../../plan/steps.ts';
import type { RunEvent, StepSummary } from '../../run/events.ts';
import type { DisplayStream } from './contract.ts';
import { createDisplay, type DisplayMode } from './display.ts';
import { renderFrame } from './frame.ts';
import { createPlainDisplay } from './plain.ts';
import { chooseStyle } from './style.ts';
import { createView, updateView } from './view.ts';
import { formatProgress, truncate } from './words.ts';

function makeSummary(
  kind: keyof InstanceStepArgs,
  subject: string,
  group: string,
  dependsOn: string[] = [],
): StepSummary {
  const resource = subject.replace(/\.\d+$/, '');
  const fields = { subject, resource, group, cause: 'is not there', dependsOn };
  return summarizeStep(makeStep(kind, { ...fields, args: {} as never }));
}

const summaries = [
  makeSummary('image.build', 'mariadb', 'images'),
  makeSummary('image.build', 'nova', 'images'),
  makeSummary('instance.start', 'mariadb.0', 'mariadb', ['image.build mariadb']),
  makeSummary('instance.wait', 'mariadb.0', 'mariadb', ['instance.start mariadb.0']),
  makeSummary('job.run', 'nova-db-sync', 'nova', ['instance.wait mariadb.0', 'image.build nova']),
  makeSummary('instance.start', 'nova-api.1', 'nova', ['job.run nova-db-sync']),
];
const started: RunEvent = {
  at: 1000,
  type: 'run.started',
  title: 'Bringing up the cloud demo',
  steps: summaries,
};
const underWay: RunEvent[] = [
  started,
  { at: 1000, type: 'step.started', id: 'image.build mariadb' },
  { at: 1000, type: 'step.started', id: 'image.build nova' },
  { at: 3000, type: 'step.finished', id: 'image.build mariadb' },
  { at: 3000, type: 'step.started', id: 'instance.start mariadb.0' },
  { at: 3500, type: 'step.finished', id: 'instance.start mariadb.0' },
  { at: 3500, type: 'step.started', id: 'instance.wait mariadb.0' },
  { at: 4000, type: 'step.waiting', id: 'instance.wait mariadb.0', reason: 'no answer on port 3306' },
  {
    at: 4000,
    type: 'step.progress',
    id: 'image.build nova',
    done: 12_300_000,
    total: 40_000_000,
    unit: 'bytes',
  },
];
const failing: RunEvent[] = [
  ...underWay,
  { at: 9000, type: 'step.finished', id: 'image.build nova' },
  { at: 9000, type: 'step.finished', id: 'instance.wait mariadb.0' },
  { at: 9000, type: 'step.started', id: 'job.run nova-db-sync' },
  {
    at: 11_500,
    type: 'step.failed',
    id: 'job.run nova-db-sync',
    error: reportError(
      new GantryError({
        code: 'job.failed',
        whose: 'environment',
        message: 'job nova-db-sync exited with 1',
        why: 'OperationalError: disk full\nat line 2',
        next: 'make room, then run the same command again',
      }),
    ),
  },
  {
    at: 11_500,
    type: 'step.skipped',
    id: 'instance.start nova-api.1',
    because: 'job.run nova-db-sync failed',
  },
  { at: 11_500, type: 'run.finished', result: 'failed', finished: 4, failed: 1, skipped: 1 },
];
const interrupted: RunEvent[] = [
  ...underWay.slice(0, 7),
  { at: 5000, type: 'step.skipped', id: 'image.build nova', because: 'the run was interrupted' },
  { at: 5000, type: 'step.finished', id: 'instance.wait mariadb.0' },
  { at: 5000, type: 'step.skipped', id: 'job.run nova-db-sync', because: 'the run was interrupted' },
  { at: 5000, type: 'step.skipped', id: 'instance.start nova-api.1', because: 'the run was interrupted' },
  { at: 5000, type: 'run.finished', result: 'interrupted', finished: 3, failed: 0, skipped: 3 },
];

const utf8 = { LANG: 'C.UTF-8', NO_COLOR: '1' };
const style = chooseStyle({}, utf8);

/** What a display of this mode writes for these events. */
function capture(
  mode: DisplayMode,
  events: RunEvent[],
  env: NodeJS.ProcessEnv = utf8,
  isTTY = false,
): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 }) as DisplayStream &
    PassThrough;
  const display = createDisplay(mode, stream, env, () => 4000);
  for (const event of events) display.onEvent(event);
  display.close();
  return (stream.read() as Buffer | null)?.toString() ?? '';
}

function frameAfter(events: RunEvent[], columns: number, rows: number, now: number, drawn = style): string {
  const view = createView();
  for (const event of events) updateView(view, event);
  return `\n${renderFrame(view, columns, rows, now, drawn).join('\n')}\n`;
}

describe('the plain display', () => {
  it('has a line per step that starts or ends, and each failure in full at the end', () => {
    expect(`\n${capture('auto', failing)}`).toMatchInlineSnapshot(`
      "
      [   0.0] Bringing up the cloud demo: 6 steps
      [   0.0] build image mariadb (is not there)
      [   0.0] build image nova (is not there)
      [   2.0] done: build image mariadb, 2.0 s
      [   2.0] start mariadb (is not there)
      [   2.5] done: start mariadb, 0.5 s
      [   2.5] wait for mariadb (is not there)
      [   8.0] done: build image nova, 8.0 s
      [   8.0] done: wait for mariadb, 5.5 s
      [   8.0] run nova-db-sync (is not there)
      [  10.5] FAILED: run nova-db-sync, 2.5 s: job nova-db-sync exited with 1
      ✗ run nova-db-sync failed after 2.5 s
        job nova-db-sync exited with 1
          OperationalError: disk full
          at line 2
          -> make room, then run the same command again

      Skipped because job.run nova-db-sync failed: start nova-api.1.
      ✗ Bringing up the cloud demo: failed after 10.5 s; 4 of 6 steps done, 1 failed, 1 skipped.
      "
    `);
  });

  it('says after an interruption what is finished and how to go on', () => {
    expect(`\n${capture('plain', interrupted)}`).toMatchInlineSnapshot(`
      "
      [   0.0] Bringing up the cloud demo: 6 steps
      [   0.0] build image mariadb (is not there)
      [   0.0] build image nova (is not there)
      [   2.0] done: build image mariadb, 2.0 s
      [   2.0] start mariadb (is not there)
      [   2.5] done: start mariadb, 0.5 s
      [   2.5] wait for mariadb (is not there)
      [   4.0] done: wait for mariadb, 1.5 s
      Finished: mariadb.
      Begun: images (1 of 2).
      - Bringing up the cloud demo: interrupted after 4.0 s; 3 of 6 steps done, 0 failed, 3 skipped.
      Run the same command again to go on from here.
      "
    `);
  });

  it('mentions a step that takes long every ten seconds, with what it waits for', () => {
    const lines: string[] = [];
    const stream = { write: (text: string) => lines.push(text.trimEnd()) } as unknown as DisplayStream;
    const display = createPlainDisplay(stream, style);
    for (const event of underWay) display.onEvent(event);
    lines.length = 0;
    for (let now = 5000; now <= 24_000; now += 1000) display.remind(now);
    expect(lines).toMatchInlineSnapshot(`
      [
        "[  10.0] still: build image nova, 10.0 s: 12.3 of 40.0 MB",
        "[  13.0] still: wait for mariadb, 10.5 s: no answer on port 3306",
        "[  20.0] still: build image nova, 20.0 s: 12.3 of 40.0 MB",
        "[  23.0] still: wait for mariadb, 20.5 s: no answer on port 3306",
      ]
    `);
  });

  it('has colours only on a terminal that wants them', () => {
    expect(capture('plain', failing, { LANG: 'C.UTF-8' }, true)).toContain('\u001b[');
    expect(capture('plain', failing, { LANG: 'C.UTF-8' }, false)).not.toContain('\u001b[');
    expect(capture('plain', failing, utf8, true)).not.toContain('\u001b[');
  });

  it('shows the last output of a step that failed without a reason', () => {
    const error = new GantryError({ code: 'x', whose: 'environment', message: 'it broke' });
    const text = capture('plain', [
      started,
      { at: 1000, type: 'step.started', id: 'image.build nova' },
      { at: 1000, type: 'step.log', id: 'image.build nova', line: '\u001b[31mE: no such package\u001b[0m' },
      { at: 1000, type: 'step.failed', id: 'image.build nova', error },
      { at: 1000, type: 'run.finished', result: 'failed', finished: 0, failed: 1, skipped: 5 },
    ]);
    expect(text).toContain('  Its last output:\n    E: no such package\n');
  });
});

describe('the JSON display', () => {
  it('writes one object per event, errors with all their parts', () => {
    const lines = capture('json', failing).trimEnd().split('\n');
    expect(lines).toHaveLength(failing.length);
    expect(lines.map((line) => JSON.parse(line)).find((event) => event.type === 'step.failed')).toEqual({
      at: 11_500,
      type: 'step.failed',
      id: 'job.run nova-db-sync',
      error: {
        code: 'job.failed',
        whose: 'environment',
        message: 'job nova-db-sync exited with 1',
        why: 'OperationalError: disk full\nat line 2',
        next: 'make room, then run the same command again',
        exitCode: 1,
      },
    });
  });
});

describe('a frame', () => {
  it('has a line per group with what it does or waits for', () => {
    expect(frameAfter(underWay, 80, 24, 6000)).toMatchInlineSnapshot(`
      "
      ⠋  0:05 images  1/2  build image nova: 12.3 of 40.0 MB
      ⠋  0:03 mariadb 1/2  mariadb: no answer on port 3306
      ·       nova    0/2  after mariadb, image nova
         0:05 Bringing up the cloud demo: 2/6 steps, 2 under way
      "
    `);
  });

  it('shows failures and what was skipped for them', () => {
    expect(frameAfter(failing, 60, 24, 12_000)).toMatchInlineSnapshot(`
      "
      ✓  0:08 images  2/2
      ✓  0:06 mariadb 2/2
      ✗  0:02 nova    0/2  run nova-db-sync failed: job nova-db-s…
         0:10 Bringing up the cloud demo: 4/6 steps
      "
    `);
  });

  it('is cut to the columns of the terminal', () => {
    expect(frameAfter(underWay, 40, 24, 6000)).toMatchInlineSnapshot(`
      "
      ⠋  0:05 images  1/2  build image nova: …
      ⠋  0:03 mariadb 1/2  mariadb: no answer…
      ·       nova    0/2  after mariadb, ima…
         0:05 Bringing up the cloud demo: 2/6…
      "
    `);
  });

  it('is folded to the rows of the terminal, with what is under way kept', () => {
    expect(frameAfter(underWay, 80, 4, 6000)).toMatchInlineSnapshot(`
      "
      · 2 more under way
      · 1 to come: nova
         0:05 Bringing up the cloud demo: 2/6 steps, 2 under way
      "
    `);
    const many = Array.from({ length: 40 }, (_, index) =>
      makeSummary('volume.create', `v${index}`, `g${index}`),
    );
    const events: RunEvent[] = [
      { ...started, steps: many } as RunEvent,
      ...many.slice(0, 30).map(({ id }): RunEvent => ({ at: 1000, type: 'step.started', id })),
      ...many.slice(0, 20).map(({ id }): RunEvent => ({ at: 2000, type: 'step.finished', id })),
    ];
    expect(frameAfter(events, 60, 10, 6000)).toMatchInlineSnapshot(`
      "
      ✓ 20 done: g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, g10, g11…
      ⠋  0:05 g20 0/1  create volume v20
      ⠋  0:05 g21 0/1  create volume v21
      ⠋  0:05 g22 0/1  create volume v22
      ⠋  0:05 g23 0/1  create volume v23
      ⠋  0:05 g24 0/1  create volume v24
      · 5 more under way
      · 10 to come: g30, g31, g32, g33, g34, g35, g36, g37, g38, …
         0:05 Bringing up the cloud demo: 20/40 steps, 10 under w…
      "
    `);
    for (let rows = 1; rows < 50; rows += 1) {
      const lines = frameAfter(events, 60, rows, 6000).trim().split('\n');
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
      expect(lines.at(-1)).toContain('20/40 steps');
    }
  });

  it('keeps to ASCII where the locale is not UTF-8', () => {
    const frame = frameAfter(underWay, 40, 24, 6000, chooseStyle({}, { NO_COLOR: '1' }));
    expect([...frame].filter((character) => character.charCodeAt(0) > 127)).toEqual([]);
  });
});

describe('the terminal display', () => {
  it('is chosen only for a terminal that is not a log', () => {
    const hidesCursor = (env: NodeJS.ProcessEnv, isTTY: boolean) =>
      capture('auto', underWay, env, isTTY).includes('Bringing up the cloud demo: 0/6 steps');
    expect(hidesCursor(utf8, true)).toBe(true);
    expect(hidesCursor(utf8, false)).toBe(false);
    expect(hidesCursor({ ...utf8, CI: 'true' }, true)).toBe(false);
    expect(hidesCursor({ ...utf8, TERM: 'dumb' }, true)).toBe(false);
  });
});

describe('truncate', () => {
  it('counts columns, not characters', () => {
    expect(truncate('日本語テスト', 7, '…')).toBe('日本語…');
    expect(truncate('short', 5, '…')).toBe('short');
  });
});

describe('formatProgress', () => {
  it('shows bytes in MB, with or without a total', () => {
    expect(formatProgress({ done: 1_500_000, total: 3_000_000, unit: 'bytes' })).toBe('1.5 of 3.0 MB');
    expect(formatProgress({ done: 2, total: undefined, unit: 'steps', text: 'layers' })).toBe('2 layers');
  });
});

describe('what is no step of a plan', () => {
  const asked: RunEvent[] = [
    { at: 0, type: 'activity.waiting', name: 'server', reason: 'it boots' },
    { at: 1, type: 'activity.waiting', name: 'server', reason: 'it boots' },
    { at: 2, type: 'activity.progress', name: 'image', done: 1024 ** 3, total: 4 * 1024 ** 3 },
    {
      at: 3,
      type: 'activity.finished',
      name: 'server',
      result: 'failed',
      seconds: 2,
      detail: '',
      error: 'none',
    },
    { at: 4, type: 'image.finished', image: 'nova', status: 'skipped', because: 'base failed' },
    { at: 5, type: 'notice', level: 'warning', text: 'x is old (a)', topic: 'x is old' },
    { at: 6, type: 'notice', level: 'warning', text: 'x is old (b)', topic: 'x is old' },
    { at: 7, type: 'transfer.progress', text: 'handing in disk', done: 2 ** 20, total: 2 ** 21 },
    { at: 8, type: 'transfer.progress', text: 'handing in disk', done: 2 ** 20, total: 2 ** 21 },
    { at: 9, type: 'transfer.finished', text: 'handing in disk' },
  ];
  const lines = [
    '  ... server: it boots',
    '  ... image: 1GiB of 4GiB',
    'FAIL  server: none (2.0 s)',
    'skip  nova: base failed',
    'warning: x is old (a)',
  ];

  it('is a line each, that is not said again', () => {
    expect(capture('plain', asked).trimEnd().split('\n')).toEqual([
      ...lines,
      'handing in disk: 1 of 2 MiB, 50 %',
    ]);
  });

  it('changes one line for files on a terminal, which goes', () => {
    const shown = capture('auto', asked, utf8, true);
    const line = '\r\u001b[Khanding in disk: 1 of 2 MiB, 50 %';
    expect(shown).toBe(`${lines.join('\n')}\n${line}${line}\r\u001b[K`);
  });

  it('is an object each, as it is', () => {
    const objects = capture('json', asked)
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(objects).toEqual(asked.filter(({ at }) => at !== 6));
  });
});
