import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandSpec, commandTable, type Leaf } from '../../src/cli/specs.ts';

/** Arguments of the commands that need some. */
const argumentsOf: Record<string, string[]> = {
  completion: ['bash'],
  'explain server': ['demo'],
  'image-url': ['demo'],
  logs: ['keystone-api', '--tail', '1'],
  'runs show': ['last'],
  'runs timeline': ['last'],
  scale: ['nova-api=2'],
};

/** Every command that only reads, or does so with an option, with the arguments that it needs. */
export function readingCommands(): string[][] {
  return leavesOf(commandTable).flatMap(({ words, spec }) => {
    if (!spec.reads) return [];
    const name = words.join(' ');
    if (spec.arguments?.some(({ syntax }) => syntax.startsWith('<')) && !argumentsOf[name]) {
      throw new Error(`this test has no arguments for gantry ${words.join(' ')}`);
    }
    return [[...words, ...(argumentsOf[name] ?? []), ...(spec.reads === true ? [] : [spec.reads])]];
  });
}

function leavesOf(specs: readonly CommandSpec[], above: string[] = []): { words: string[]; spec: Leaf }[] {
  return specs.flatMap((spec) => {
    const words = [...above, spec.name];
    return 'commands' in spec ? leavesOf(spec.commands, words) : [{ words, spec }];
  });
}

/** All that a directory holds: names, modes, owners, times of changes, contents. */
export async function lookAt(directory: string): Promise<Record<string, string>> {
  const names = ['.', ...(await readdir(directory, { recursive: true }))].sort();
  const entries = names.map(async (name) => {
    const path = join(directory, name);
    const info = await stat(path);
    const { mode, uid, gid, mtimeMs, ctimeMs } = info;
    const content = info.isFile() ? await readFile(path, 'base64') : '';
    return [name, [mode.toString(8), uid, gid, mtimeMs, ctimeMs, content].join(' ')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
