import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepState, lookWhenTestsFail } from './artifacts.ts';
import type { Asking } from './client.ts';
import { addedBetween, Containers, type Machine } from './containers.ts';
import { Gantry } from './gantry.ts';
import { expectDone, expectDoneWhileAsked, expectHealthy } from './parts/cloud.ts';

/** A cloud on Docker with a group of services beside those that every cloud has. */
export interface GroupCloud {
  gantry: Gantry;
  containers: Containers;
  /** For files of the tests. */
  directory: string;
  /** What the machine had before. */
  before: Machine;
}

/**
 * Brings such a cloud up before the tests of a file, and removes it with its data afterwards.
 * @param lines of its cloud.yaml
 */
export function useGroupCloud(name: string, lines: string): () => GroupCloud {
  let cloud: GroupCloud;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), `gantry-${name}-`));
    const gantry = new Gantry(name, directory);
    const containers = await Containers.open(name);
    await gantry.configure(lines);
    await gantry.output('down', '--volumes', '--yes');
    cloud = { gantry, containers, directory, before: await containers.machine() };
    await expectDone(cloud, 'up');
  });
  afterAll(async () => {
    // Why there is none has been told.
    if (!cloud) return;
    await keepState(cloud.gantry);
    await cloud.gantry.output('down', '--volumes', '--yes');
    await rm(cloud.directory, { recursive: true });
  });
  lookWhenTestsFail(() => cloud?.gantry);
  return () => cloud;
}

/** What every group promises when it has come up. */
export function testComing(use: () => GroupCloud): void {
  test('come with few lines of cloud.yaml, and a second up has nothing to do', async () => {
    await expectHealthy(use());
    await expectDone(use(), 'plan', '--detailed-exitcode');
  });
}

/** A group is used as its users do, by its own checks. */
export function testChecks(use: () => GroupCloud, ...names: string[]): void {
  test('do what their users expect', async () => {
    const { stdout } = await expectDone(use(), 'verify', ...names, '-o', 'json');
    const { checks } = JSON.parse(stdout) as { checks: { name: string; result: string }[] };
    const passed = checks.filter(({ result }) => result === 'ok').map(({ name }) => name);
    expect(passed).toEqual(expect.arrayContaining(names));
  });
}

/**
 * What every group promises of changes: each test leaves the cloud as it was.
 * @param lines of its cloud.yaml
 * @param option lines of one more option, and the processes that read it
 * @param rotated a service whose passwords are changed
 * @param ask begins to ask the group for something, all the time
 */
export function testGroupChanges(
  use: () => GroupCloud,
  lines: string,
  {
    option,
    rotated,
    ask,
  }: { option: { lines: string; replaces: string[] }; rotated: string; ask(): Promise<Asking> },
): void {
  test.each([
    ['given', `${lines}${option.lines}`],
    ['taken back', lines],
  ])('an option that is %s replaces what reads it, and no request fails', async (_, wanted) => {
    const { gantry, containers } = use();
    const before = await containers.identities();
    await gantry.configure(wanted);
    await expectDoneWhileAsked(use(), await ask(), 'up');
    const after = await containers.identities();
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(option.replaces);
    await expectDone(use(), 'plan', '--detailed-exitcode');
  });

  test('passwords are changed without a failed request', async () => {
    await expectDoneWhileAsked(use(), await ask(), 'rotate', 'passwords', rotated, '--yes');
    await expectDone(use(), 'plan', '--detailed-exitcode');
  });
}

/** What every group promises when it goes: the last test of a file. */
export function testGoing(use: () => GroupCloud): void {
  test('leave nothing behind when they are removed with their data', async () => {
    const { containers, before } = use();
    await expectDone(use(), 'down', '--volumes', '--yes');
    const { interfaces, ...left } = addedBetween(before, await containers.machine());
    expect(left).toEqual({ containers: [], networks: [], volumes: [] });
  });
}
