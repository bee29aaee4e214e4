import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { ArgumentTable, Count, FileRules, FileUse } from '../src/client/table.ts';
import { releaseNamed, releases } from '../src/model/releases.ts';
import { projectRoot } from '../src/root.ts';

/**
 * Writes catalogue/client/arguments.<release>.json: which arguments the commands of OpenStack's client take, as the
 * client itself declares them, asked in the built image. Of commands that take no files, the names only.
 *
 * Usage: tsx scripts/client-arguments.ts [RELEASE]
 */

/** An argument as argparse knows it. */
interface Declared {
  options: string[];
  name: string;
  count: Count;
  help: string;
}

/** Arguments of the client itself under the empty name, of its commands under theirs. */
export type DeclaredCommands = Record<string, Declared[]>;

/** Loads the versions of each API's commands that the client takes unless told otherwise. */
const program = `
import argparse, importlib.metadata, json, logging, sys
logging.disable(logging.CRITICAL)
from openstackclient import shell
from openstackclient.common import clientmanager

def describe(action):
    flag = action.option_strings and action.nargs == 0
    count = 0 if flag else 1 if action.nargs is None else action.nargs
    words = ' '.join(str(word) for word in (action.dest, action.metavar, action.help, action.type) if word)
    return {'options': list(action.option_strings), 'name': action.dest, 'count': count, 'help': words}

app = shell.OpenStackShell()
found = {'': [describe(action) for action in app.parser._actions]}
groups = ['openstack.cli', 'openstack.common', 'openstack.extension'] + [
    'openstack.%s.v%s' % (module.API_NAME.replace('-', '_'), str(getattr(module, 'DEFAULT_API_VERSION', 1)).split('.')[0])
    for module in clientmanager.PLUGIN_MODULES]
for entry in importlib.metadata.entry_points():
    if entry.group not in groups:
        continue
    command = entry.load()
    if hasattr(command, 'get_parser'):
        actions = command(app, None).get_parser('')._actions
        found[entry.name.replace('_', ' ')] = [describe(action) for action in actions]
json.dump(found, sys.stdout)
`;

/** What the client in this image declares. Throws what it says where that fails. */
export async function readDeclared(image: string): Promise<DeclaredCommands> {
  const command = ['run', '--rm', '-i', '--network=none', '--entrypoint=python3', image, '-'];
  const child = spawn('docker', command, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  child.stdin.end(program);
  const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${image}: ${complained}`);
  return JSON.parse(said) as DeclaredCommands;
}

/** Words by which an argument says that it may name a file. */
const fileWords =
  /(?<!pro)files?\b|filename|\bpath\b|director(y|ies)|certificate-file|key-?file|\bpem\b|FileType|template\b/i;

/** Arguments that may name files, of which files.yaml says nothing; and what it says of arguments that are not there. */
export function findUnclear(commands: DeclaredCommands, rules: FileRules): string[] {
  const known = (command: string, argument: Declared) =>
    [...argument.options, argument.name].some(
      (name) => rules.files[command]?.[name] !== undefined || rules.notFiles[command]?.includes(name),
    );
  const unclear = Object.entries(commands).flatMap(([command, all]) =>
    all
      .filter(
        ({ count, options, name, help }) => count !== 0 && fileWords.test([...options, name, help].join(' ')),
      )
      .filter((argument) => !known(command, argument))
      .map(({ options, name }) => `${command} ${options[0] ?? name} may name a file`.trim()),
  );
  const named = [
    ...Object.entries(rules.files).map(([command, all]) => [command, Object.keys(all)] as const),
  ];
  const gone = [...named, ...Object.entries(rules.notFiles)].flatMap(([command, names]) =>
    names
      .filter((name) => !commands[command]?.some((one) => one.options.includes(name) || one.name === name))
      .map((name) => `${command} ${name} is not there`.trim()),
  );
  return [...unclear, ...gone];
}

/** Rules of commands that the client has; those of plugins that are not installed wait for them. */
export function toTable(commands: DeclaredCommands, rules: FileRules): ArgumentTable {
  const withFiles = Object.keys(rules.files).filter((name) => commands[name]);
  return {
    names: Object.keys(commands).filter(Boolean).sort(),
    commands: Object.fromEntries(
      withFiles.sort().map((name) => {
        const all = commands[name] ?? [];
        const options = all.flatMap((one) => one.options.map((option) => [option, one.count] as const));
        const positionals = all.filter((one) => one.options.length === 0);
        return [
          name,
          {
            options: Object.fromEntries(options),
            positionals: positionals.map((one) => [one.name, one.count] as const),
            files: Object.fromEntries(all.flatMap((one) => usesOf(one, rules.files[name] ?? {}))),
          },
        ];
      }),
    ),
  };
}

/** What is done with an argument, by each of its names. */
function usesOf({ options, name }: Declared, uses: Record<string, FileUse>): [string, FileUse][] {
  const names = options.length > 0 ? options : [name];
  const use = names.map((one) => uses[one]).find(Boolean);
  return use ? names.map((one) => [one, use]) : [];
}

export function readRules(): FileRules {
  return parse(readFileSync(join(projectRoot(), 'catalogue/client/files.yaml'), 'utf8')) as FileRules;
}

/** One command per line, so that differences between releases can be read. */
export function format({ names, commands }: ArgumentTable): string {
  const lines = Object.entries(commands).map(
    ([name, one]) => `    ${JSON.stringify(name)}: ${JSON.stringify(one)}`,
  );
  const list = names.map((name) => `    ${JSON.stringify(name)}`);
  return `{\n  "names": [\n${list.join(',\n')}\n  ],\n  "commands": {\n${lines.join(',\n')}\n  }\n}\n`;
}

async function main(release: string): Promise<void> {
  const [commands, rules] = [await readDeclared(`gantry/client:${release}`), readRules()];
  const unclear = findUnclear(commands, rules);
  if (unclear.length > 0) throw new Error(`catalogue/client/files.yaml:\n${unclear.join('\n')}`);
  const path = join(projectRoot(), `catalogue/client/arguments.${release}.json`);
  writeFileSync(path, format(toTable(commands, rules)));
}

if (process.argv[1] === import.meta.filename) {
  await main(releaseNamed(process.argv[2] ?? releases[0].name).name);
}
