import { createInterface } from 'node:readline/promises';
import type { Question } from '../cloud/caller.ts';
import { ExitCode, GantryError } from '../errors.ts';

/** Asks whoever sits at the terminal; --yes answers. Rejects where the answer is no, or nobody can be asked. */
export async function confirm(question: Question, { yes }: { yes?: boolean }): Promise<void> {
  return question.kind === 'destroy' ? confirmDestroying(question.cloud, yes) : confirmChange(question, yes);
}

async function confirmDestroying(name: string, yes = false): Promise<void> {
  if (yes) return;
  const question = `This removes all servers, images, networks and secrets of the cloud ${name}. Type its name to go on: `;
  if ((await ask(question)) === name) return;
  throw new GantryError({
    code: 'down.not-confirmed',
    whose: 'user',
    message: `all data and secrets of the cloud ${name} would be removed, and that was not confirmed`,
    next: 'add --yes to confirm; without --volumes the data stays',
    exitCode: ExitCode.usage,
  });
}

async function confirmChange(
  { kind, text }: Extract<Question, { text: string }>,
  yes = false,
): Promise<void> {
  process.stderr.write(`${text.trimEnd()}\n`);
  if (yes) return;
  const answer = await ask('Go on? [y/N] ');
  if (answer !== undefined && /^y(es)?$/i.test(answer)) return;
  throw new GantryError({
    code: `${kind}.not-confirmed`,
    whose: 'user',
    message: `nothing was changed${answer === undefined ? ': nobody to ask' : ''}`,
    next: 'add --yes to go on without being asked',
    exitCode: ExitCode.usage,
  });
}

/** The answer of whoever sits at the terminal; undefined where nobody does. */
async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(question)).trim();
  } finally {
    prompt.close();
  }
}
