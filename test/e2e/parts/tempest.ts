import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TestResult } from '../../../src/tempest/results.ts';
import { COMMAND_LIMIT_MS, describe as describeResult } from '../gantry.ts';
import { type CloudInTest, expectDone, needServers, report } from './cloud.ts';

/** Tests of Tempest, and the parts of it that they are of. */
interface SomeTests {
  pattern: string;
  parts: string[];
  /** How long they may take together, where that is not as long as any command. */
  limitMs?: number;
}

/** A few of each service, one of which starts a server and logs in to it: in a tenth of the smoke tests' time. */
export const someOfEachService: SomeTests = {
  pattern:
    '(test_api_discovery|image.v2.test_images.Basic|test_networks.NetworksTest|test_server_basic_ops).*smoke',
  parts: [
    'tempest.api.identity',
    'tempest.api.image',
    'tempest.api.network',
    'tempest.scenario.test_server_basic_ops',
  ],
};

/** Enough to see that they run on an engine, and that their results come from there. */
export const fewTests: SomeTests = {
  pattern: 'test_api_discovery.*smoke',
  parts: ['tempest.api.identity'],
};

/** Of what a failed test reports, which is all its requests too. */
const MOST_LINES = 40;
const MOST_CHARACTERS = 300;

export function testTempest(
  use: () => Pick<CloudInTest, 'gantry' | 'withoutServers'>,
  { pattern, parts, limitMs = COMMAND_LIMIT_MS }: SomeTests,
): void {
  describe("OpenStack's own tests", () => {
    test('pass, as far as they are asked for here; results are kept, and their things are gone', {
      timeout: limitMs + 200_000,
    }, async ({ skip }) => {
      needServers(use(), skip);
      const command = ['verify', '--tempest', pattern, '-o', 'json'];
      const result = await use()
        .gantry.within(limitMs)
        .run(...command);
      const { code, stdout, seconds } = result;
      expect(stdout, describeResult(['gantry', ...command], result)).toMatch(/^{/);
      const { results, missing, leftBehind, problem, directory: kept } = JSON.parse(stdout);
      const failed = results.filter((one: TestResult) => one.result === 'failed');
      expect(
        { failed: failed.length, missing, leftBehind, problem },
        failed.map(describeFailed).join('\n'),
      ).toEqual({ failed: 0, missing: [], leftBehind: [] });
      expect(code).toBe(0);
      report(`${results.length} tests of Tempest took ${seconds.toFixed(0)} s`);
      const passed = results.filter(({ result }: { result: string }) => result === 'passed');
      const names = passed.map(({ id }: { id: string }) => id.split('.').slice(0, 3).join('.'));
      expect([...new Set(names)].sort()).toEqual(parts);
      expect((await readdir(kept)).sort()).toEqual([
        'junit.xml',
        'results.json',
        'results.subunit',
        'tempest.conf',
        'tempest.log',
        'tests',
      ]);
      const secrets = await use().gantry.secrets();
      for (const name of await readdir(kept)) {
        const text = await readFile(join(kept, name), 'latin1');
        expect(secrets.filter(({ value }) => text.includes(value)).map((one) => one.name)).toEqual([]);
      }
      for (const kind of ['project', 'user', 'image', 'flavor', 'network']) {
        const all = kind === 'flavor' ? ['--all'] : [];
        const found = await use().gantry.output(
          'openstack',
          kind,
          'list',
          ...all,
          '-f',
          'value',
          '-c',
          'Name',
        );
        expect(
          found.split('\n').filter((name) => name.startsWith('gtest')),
          kind,
        ).toEqual([]);
      }
      await expectDone(use(), 'plan', '--detailed-exitcode');
    });
  });
}

/** What no engine can break. */
export function testUnknownTests(use: () => CloudInTest): void {
  test('tests of Tempest that there are not do not run: the nearest are named', async () => {
    const { code, stderr } = await use().gantry.run('verify', '--tempest', 'test_server_basic_op$');
    expect(code).toBe(64);
    expect(stderr).toContain('tempest.scenario.test_server_basic_ops');
  });
}

/** What failed, where, and what the server that was waited for wrote to its console. */
function describeFailed({ id, detail, report: whole = '' }: TestResult): string {
  const lines = whole.split('\n');
  const telling = lines.filter((line) => /^ *File ".*tempest|gantry-guest: | ERROR | WARNING /.test(line));
  return [id, detail, ...telling.slice(-MOST_LINES).map((line) => line.slice(0, MOST_CHARACTERS))].join('\n');
}
