import { appendFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import type { Gantry, Result } from './gantry.ts';

/**
 * What a suite leaves for whoever looks for the cause of a failure, in the folder that GANTRY_TEST_ARTIFACTS names:
 * `test/run` removes it when the suite passes. Without the variable nothing is kept.
 */
const folder = process.env.GANTRY_TEST_ARTIFACTS;

/** Of a cloud's state; keys and passwords are elsewhere in it. */
const telling = ['logs', 'runs', 'tempest'];

/** Notes a command that ended, with what it said; what OpenStack's client answers may be a credential and is left out. */
export async function noteCommand(cloud: string, args: readonly string[], result: Result): Promise<void> {
  if (!folder) return;
  const { code, seconds, stdout, stderr } = result;
  const answer = args.includes('openstack') || args.includes('exec') ? '' : stdout;
  const head = `$ gantry ${args.join(' ')}\n(ended with ${code} after ${seconds.toFixed(1)} s)\n`;
  await appendFile(join(folder, `${cloud}.commands.log`), `${head}${answer}${stderr}\n`);
}

/** In a file whose tests share a cloud: after each test that fails, what status and plan say of it. */
export function lookWhenTestsFail(use: () => Gantry): void {
  if (!folder) return;
  beforeEach(({ onTestFailed }) => {
    onTestFailed(async () => {
      await use().run('status');
      await use().run('plan');
    }, 120_000);
  });
}

/** Keeps what the cloud's state says of its runs, before it is removed. */
export async function keepState({ name, state }: Gantry): Promise<void> {
  if (!folder) return;
  for (const part of telling) {
    const kept = join(folder, `${name}.${part}`);
    await cp(join(state, part), kept, { recursive: true }).catch((thrown: { code?: string }) => {
      if (thrown.code !== 'ENOENT') throw thrown;
    });
  }
}
