import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import type { Gantry, Result } from './gantry.ts';

/**
 * What a suite leaves for whoever looks for the cause of a failure, in the folder that GANTRY_TEST_ARTIFACTS names:
 * `test/run` removes it when the suite passes. Without the variable nothing is kept.
 */
const folder = () => process.env.GANTRY_TEST_ARTIFACTS;

/** Of a cloud's state; keys and passwords are elsewhere in it. */
const telling = ['logs', 'runs', 'tempest'];

/** What is asked after a failure; of each process the last lines that it wrote. */
const looks = [['status'], ['plan'], ['logs', '--tail', '200']];
export const LOOK_LIMIT_MS = 60_000;

/** Of what a command said; its end is kept. */
const MOST_CHARACTERS = 2 * 2 ** 20;

/** Shorter ones, as the last lines of keys, may be words of other things. */
const SHORTEST_SECRET = 8;

/**
 * Notes a command that ended, with what it said, without the cloud's secrets; what OpenStack's client answers may be
 * another credential and is left out.
 */
export async function noteCommand(
  { name, state }: Pick<Gantry, 'name' | 'state'>,
  args: readonly string[],
  { code, seconds, stdout, stderr }: Result,
): Promise<void> {
  if (!folder()) return;
  const answer = args.includes('openstack') || args.includes('exec') ? '' : stdout;
  const said = (await withoutSecrets(`${answer}${stderr}`, state)).slice(-MOST_CHARACTERS);
  await note(
    name,
    `$ gantry ${args.join(' ')}\n(ended with ${code} after ${seconds.toFixed(1)} s)\n${said}\n`,
  );
}

async function note(cloud: string, text: string): Promise<void> {
  await appendFile(join(folder() ?? '', `${cloud}.commands.log`), text);
}

/** Processes are not to write secrets: a test that finds one written fails, and is looked at. */
async function withoutSecrets(text: string, state: string): Promise<string> {
  // Read past the store, which makes the modes right of what it reads: tests look whether commands change the state.
  const kept = await readFile(join(state, 'secrets.json'), 'utf8').catch(() => undefined);
  if (kept === undefined) return text;
  const { secrets } = JSON.parse(kept) as { secrets: Record<string, { value: string }> };
  return Object.values(secrets)
    .flatMap(({ value }) => value.split('\n'))
    .filter((line) => line.length >= SHORTEST_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}

/** In a file whose tests share a cloud: after each test that fails, what the cloud and its processes say. */
export function lookWhenTestsFail(use: () => Gantry): void {
  if (!folder()) return;
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => look(use().within(LOOK_LIMIT_MS)), (looks.length + 1) * LOOK_LIMIT_MS);
  });
}

/** One that cannot be asked in time does not keep the others from being. */
export async function look(gantry: Pick<Gantry, 'name' | 'run'>): Promise<void> {
  for (const args of looks) {
    await gantry.run(...args).catch((thrown) => note(gantry.name, `${messageOf(thrown)}\n`));
  }
}

/** Keeps what was seen in a browser. */
export async function keepPicture(name: string, picture: Buffer): Promise<void> {
  const into = folder();
  if (into) await writeFile(join(into, name), picture);
}

/** Keeps what the cloud's state says of its runs, before it is removed. */
export async function keepState({ name, state }: Gantry): Promise<void> {
  const into = folder();
  if (!into) return;
  for (const part of telling) {
    const kept = join(into, `${name}.${part}`);
    await cp(join(state, part), kept, { recursive: true }).catch((thrown: { code?: string }) => {
      if (thrown.code !== 'ENOENT') throw thrown;
    });
  }
}
