import { cpus } from 'node:os';
import { join } from 'node:path';
import { identityUrl, openRunningCloud } from '../cloud/cloud.ts';
import { guestSource } from '../cloud/guest.ts';
import { openPublicSession } from '../cloud/session.ts';
import { ExitCode } from '../errors.ts';
import { administrator } from '../model/cloud-users.ts';
import { acquireLock } from '../run/lock.ts';
import { readExclusions } from '../tempest/exclusions.ts';
import { groupSkips, slowestTests } from '../tempest/results.ts';
import { runTempest, type TempestResult } from '../tempest/run.ts';
import { nameOfTest, parseSelector } from '../tempest/select.ts';
import { createFlowDisplay } from './flow-display.ts';
import { requireImage } from './images.ts';
import { interruptSignal } from './interrupt.ts';
import type { GlobalOptions } from './options.ts';
import { formatTable } from './table.ts';

const SLOWEST = 5;

/** Runs Tempest; the summary goes to standard output, each test's result to standard error as it comes. */
export async function verifyWithTempest(
  options: GlobalOptions & { output: string; tests: string },
): Promise<number> {
  parseSelector(options.tests);
  const signal = interruptSignal();
  const cloud = await openRunningCloud(options, ['guest', 'tempest']);
  for (const image of ['guest', 'tempest']) await requireImage(cloud, image, options, signal);
  const { config, desired, engine, stateDirectory } = cloud;
  // Nothing may be replaced while tests look at it, and two runs would remove each other's resources.
  const lock = await acquireLock(stateDirectory, { command: 'gantry verify --tempest' });
  try {
    const result = await runTempest(
      {
        wanted: options.tests,
        exclusions: await readExclusions(join(cloud.root, 'catalogue/tempest/exclude.yaml')),
        open: () => openPublicSession(cloud, administrator, signal),
        runOnce: (job, once) => engine.runOnce(desired, job, once),
        preparation: {
          authUrl: identityUrl(config),
          ownAuthority: cloud.authority !== undefined,
          external: config.network.external,
          guest: await guestSource(cloud),
          sshUser: 'gantry',
        },
        credentials: {
          user: administrator.user,
          password: cloud.secrets.get(administrator.secret),
          project: administrator.project,
        },
        authority: cloud.authority,
        workers: Math.min(4, Math.max(1, cpus().length)),
        directory: join(stateDirectory, 'tempest', new Date().toISOString().replace(/[:.]/g, '-')),
      },
      createFlowDisplay(options.progress, process.stderr),
    );
    process.stdout.write(
      options.output === 'json' ? `${JSON.stringify(result, null, 2)}\n` : describeResult(result),
    );
    if (signal.aborted) return ExitCode.interrupted;
    return result.ok ? ExitCode.done : ExitCode.failed;
  } finally {
    await lock.release();
  }
}

function describeResult(result: TempestResult): string {
  const { results, missing, excluded } = result;
  const count = (kind: string): number => results.filter((one) => one.result === kind).length;
  const failed = results.filter((one) => one.result === 'failed');
  const left = excluded.reduce((sum, { tests }) => sum + tests.length, 0);
  const totals = [
    `${count('passed')} passed`,
    `${failed.length} failed`,
    `${count('skipped')} skipped`,
    ...(left > 0 ? [`${left} excluded`] : []),
    ...(missing.length > 0 ? [`${missing.length} without a result`] : []),
  ];
  return [
    section(
      'Failed',
      failed.map(({ id, detail }) => `${nameOfTest(id)}\n${indent(detail)}`),
    ),
    // Of a run that was cut short they are too many to be told.
    section('Without a result', result.problem === undefined ? missing.map(nameOfTest) : []),
    section('Skipped', groupSkips(results).map(describeGroup)),
    section('Excluded', excluded.map(describeGroup)),
    `${formatTable(
      ['SECONDS', { title: 'SLOWEST TESTS', wraps: true }],
      slowestTests(results, SLOWEST).map(({ id, seconds }) => [seconds.toFixed(1), nameOfTest(id)]),
    )}\n`,
    section('Left behind', result.leftBehind),
    ...(result.problem === undefined ? [] : [`The run did not come to its end: ${result.problem}\n`]),
    `${totals.join(', ')} in ${result.seconds.toFixed(0)} s\nKept in ${result.directory}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** A reason with the tests it is for, or how many where they are many. */
function describeGroup({ reason, tests }: { reason: string; tests: string[] }): string {
  const only = tests.length === 1 ? nameOfTest(tests[0] as string) : `${tests.length} tests`;
  return `${only}: ${reason}`;
}

function section(title: string, lines: string[]): string {
  return lines.length === 0 ? '' : `${title}:\n${lines.map(indent).join('\n')}\n`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
