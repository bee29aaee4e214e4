import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../e2e/gantry.ts';
import { Terminal } from '../e2e/terminal.ts';
import type { Direction } from './stage.ts';

const root = join(import.meta.dirname, '../..');
const spinner = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;

let directory: string;
let server: Server;
let stage: Socket | undefined;
let terminal: Terminal | undefined;
/** What the stage has said: `STEP: started` and every direction that it has taken. */
let said: string[];

beforeEach(async () => {
  said = [];
  directory = await mkdtemp(join(tmpdir(), 'gantry-stage-'));
  server = createServer((socket) => {
    stage = socket;
    createInterface({ input: socket }).on('line', (line) => said.push(line));
  });
  server.listen(join(directory, 'socket'));
  await once(server, 'listening');
});

afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  stage?.destroy();
  stage = undefined;
  server.close();
  await rm(directory, { recursive: true });
});

async function open(columns = 100, rows = 24, environment: Record<string, string> = {}): Promise<Terminal> {
  const command = [process.execPath, '--import', 'tsx', 'test/cli/stage.ts', join(directory, 'socket')];
  terminal = await Terminal.start(command, { columns, rows, cwd: root, environment });
  return terminal;
}

async function told(line: string): Promise<void> {
  await waitUntil(`"${line}" from the stage`, 20_000, () => (said.includes(line) ? true : undefined));
}

/** Tells a step, once it has started, what to do next, and waits until it was told. */
async function tell(direction: Direction): Promise<void> {
  await told(`${direction.id}: started`);
  stage?.write(`${JSON.stringify(direction)}\n`);
  await told(`${direction.id}: ${direction.tell}`);
}

async function finish(...ids: string[]): Promise<void> {
  for (const id of ids) await tell({ id, tell: 'finish' });
}

const beginnings = ['image.build base', 'network.create demo', 'volume.create mariadb'];

/** Lines of the frame without elapsed times and pictures of the spinner, which are those of the moment. */
function withoutTimes(screen: string[]): string[] {
  return screen.map((line) => line.replace(spinner, '*').replace(/\d+:\d\d/, '0:00'));
}

test('each group has a line with its time and what it waits for; the last state stays and the cursor is back', async () => {
  const screen = await open();
  await tell({ id: 'image.build base', tell: 'bytes', done: 12_300_000, total: 40_000_000 });
  expect(withoutTimes(await screen.waitFor(/12\.3 of 40\.0 MB/))).toEqual([
    '*  0:00 images    0/2  build image base: 12.3 of 40.0 MB',
    '*  0:00 networks  0/1  create network demo',
    '*  0:00 volumes   0/1  create volume mariadb',
    '·       mariadb   0/2  after image base, network demo, volume mariadb',
    '·       placement 0/2  after image base, network demo, mariadb',
    '·       nova      0/3  after image nova, network demo, mariadb',
    '   0:00 Bringing up the cloud demo: 0/11 steps, 3 under way',
  ]);
  expect(await screen.cursorIsVisible()).toBe(false);

  await finish(...beginnings, 'image.build nova', 'instance.start mariadb.0');
  await tell({ id: 'instance.wait mariadb.0', tell: 'wait', reason: 'no answer on port 3306' });
  const waiting = /mariadb +1\/2 {2}mariadb: no answer on port 3306$/m;
  expect(withoutTimes(await screen.waitFor(waiting))).toEqual([
    '✓  0:00 images    2/2',
    '✓  0:00 networks  1/1',
    '✓  0:00 volumes   1/1',
    '*  0:00 mariadb   1/2  mariadb: no answer on port 3306',
    '·       placement 0/2  after mariadb',
    '·       nova      0/3  after mariadb',
    '   0:00 Bringing up the cloud demo: 5/11 steps, 1 under way',
  ]);
  await screen.waitFor(/0:0[1-9] mariadb +1\/2/);

  await finish('instance.wait mariadb.0', 'job.run nova-schema');
  for (const name of ['nova-api', 'placement-api']) {
    await finish(`instance.start ${name}.0`, `instance.wait ${name}.0`);
  }
  expect(await screen.exitCode()).toBe(0);
  const last = await screen.history();
  expect(withoutTimes(last)).toEqual([
    '✓  0:00 images    2/2',
    '✓  0:00 networks  1/1',
    '✓  0:00 volumes   1/1',
    '✓  0:00 mariadb   2/2',
    '✓  0:00 placement 2/2',
    '✓  0:00 nova      3/3',
    '   0:00 Bringing up the cloud demo: 11/11 steps',
    expect.stringMatching(/^✓ Bringing up the cloud demo: done in \d+\.\d s\.$/),
  ]);
  expect(await screen.cursorIsVisible()).toBe(true);
});

test('a terminal made narrower, lower and large again shows one frame that fits it', async () => {
  const screen = await open(100, 24);
  await finish(...beginnings, 'image.build nova', 'instance.start mariadb.0');
  const reason = 'no answer on port 3306 of the database that keeps the ledger';
  await tell({ id: 'instance.wait mariadb.0', tell: 'wait', reason });
  const whole = await screen.waitFor(new RegExp(`mariadb: ${reason}$`, 'm'));

  await screen.resize(40, 24);
  const narrow = await screen.waitFor(/no answ…$/m);
  expect(narrow).toHaveLength(whole.length);
  expect(narrow.filter((line) => line.endsWith('…'))).toHaveLength(2);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(40);

  await screen.resize(100, 6);
  expect(withoutTimes(await screen.waitFor(/3 done/))).toEqual([
    '✓ 3 done: images, networks, volumes',
    `*  0:00 mariadb   1/2  mariadb: ${reason}`,
    '· 2 to come: placement, nova',
    '   0:00 Bringing up the cloud demo: 5/11 steps, 1 under way',
  ]);

  await screen.resize(120, 24);
  const large = withoutTimes(await screen.waitFor(/placement +0\/2/));
  // What the low terminal had no room for went up out of the program's reach, and comes down again above the frame.
  expect(large.slice(-whole.length)).toEqual(withoutTimes(whole));
  expect(large.filter((line) => line.includes('5/11 steps'))).toHaveLength(1);
});

test('a failure is told in full below the last frame', async () => {
  const screen = await open();
  await finish('network.create demo', 'volume.create mariadb');
  const message = 'Image base could not be built';
  await tell({ id: 'image.build base', tell: 'fail', message, why: 'E: no such package\nexit code 100' });
  expect(await screen.exitCode()).toBe(1);
  const text = (await screen.screen()).join('\n');
  expect(text).toMatch(
    /^✗ +\d:\d\d images +0\/2 {2}build image base failed: Image base could not be built$/m,
  );
  expect(text).toMatch(/^ {4}E: no such package\n {4}exit code 100$/m);
  expect(text).toMatch(/failed after \d+\.\d s; 2 of 11 steps done, 1 failed, 8 skipped\.$/m);
  expect(await screen.cursorIsVisible()).toBe(true);
});

test('Ctrl-C ends the run, says how to go on and gives the cursor back', async () => {
  const screen = await open();
  await finish('network.create demo');
  await told('image.build base: started');
  await screen.waitFor(/1\/11 steps, 2 under way/);
  expect(await screen.cursorIsVisible()).toBe(false);
  await screen.press('C-c');
  expect(await screen.exitCode()).toBe(130);
  const text = (await screen.screen()).join('\n');
  expect(text).toMatch(/^Finished: networks\.$/m);
  expect(text).toMatch(/interrupted after \d+\.\d s; 1 of 11 steps done, 0 failed, 10 skipped\.$/m);
  expect(text).toMatch(/^Run the same command again to go on from here\.$/m);
  expect(await screen.cursorIsVisible()).toBe(true);
});

test('a second Ctrl-C ends also what does not stop, and gives the cursor back', async () => {
  const screen = await open();
  await tell({ id: 'image.build base', tell: 'ignore interruptions' });
  await screen.waitFor(/3 under way/);
  await screen.press('C-c');
  await screen.waitFor(/1 under way/);
  expect(await screen.cursorIsVisible()).toBe(false);
  await screen.press('C-c');
  expect(await screen.exitCode()).toBe(130);
  expect(await screen.cursorIsVisible()).toBe(true);
});

test.each([
  ['colours', { NO_COLOR: '' }, true],
  ['none with NO_COLOR', { NO_COLOR: '1' }, false],
])('the frame has %s', async (_, environment, coloured) => {
  const screen = await open(100, 24, environment);
  await finish('network.create demo');
  await screen.waitFor(/^✓.*networks/m);
  const line = (await screen.colours()).find((one) => one.includes('networks')) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with.
  expect(/\u001b\[3\dm/.test(line)).toBe(coloured);
});
