import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { OsloOption, OsloOptions } from '../src/config/known.ts';
import { releaseNamed, releases } from '../src/model/releases.ts';
import { projectRoot } from '../src/root.ts';

/**
 * Writes catalogue/<service>/options.<release>.json: which options a service's configuration files have, as the
 * service's own code declares them. It is asked in the built images; what to ask for is in options.yaml. Where code
 * declares none, as Swift's, they are those of the example that the package has.
 *
 * Usage: tsx scripts/oslo-options.ts [RELEASE] [SERVICE...]
 */

/** What options.yaml says of one file. */
interface OptionSource {
  image: string;
  namespaces?: string[];
  /** A Debian package that is installed in the image, and a file in it that has all options, most as comments. */
  example?: { package: string; file: string };
  /** Groups that no namespace lists, with the groups whose options they have; `*` for any options at all. */
  groups?: Record<string, string[] | '*'>;
}

/** The parts used here of `oslo-config-generator --format json`. */
interface GeneratedOption {
  name: string;
  type: string;
  choices: [string | number | null, string | null][];
  default: unknown;
  min: number | null;
  max: number | null;
}
interface Generated {
  options: Record<string, { opts: GeneratedOption[] }>;
  deprecated_options: Record<
    string,
    { name: string; replacement_name: string | null; replacement_group: string | null }[]
  >;
  /** Names of options that a group may have to log in to Keystone with. */
  credentials: string[];
}

/** oslo.config's generator, and what keystoneauth registers once it has read the `auth_type` of a group. */
const program = `
import json, sys, tempfile
from keystoneauth1 import loading
from oslo_config import generator
with tempfile.NamedTemporaryFile() as output:
    arguments = ['--format', 'json', '--output-file', output.name]
    for namespace in sys.argv[1:]:
        arguments += ['--namespace', namespace]
    generator.main(arguments)
    data = json.load(open(output.name))
data['credentials'] = sorted({option.dest
    for plugin in ('password', 'v3password', 'v3token', 'v3applicationcredential')
    for option in loading.get_auth_plugin_conf_options(plugin)})
json.dump(data, sys.stdout)
`;

/** Prints a file ($2) of the version of a package ($1) that the image has, which leaves it out. */
const unpack = `
set -e
cd "$(mktemp -d)"
apt-get -qq update
apt-get -qq download "$1=$(dpkg-query --showformat='\${Version}' --show "$1")"
dpkg-deb --fsys-tarfile ./*.deb | tar -xO "./$2"
`;

const types: Record<string, OsloOption> = {
  'boolean value': { type: 'boolean' },
  'dict value': { type: 'dict' },
  'floating point value': { type: 'float' },
  'host address value': { type: 'host' },
  'host domain value': { type: 'host' },
  'integer value': { type: 'integer' },
  'ip address value': { type: 'address' },
  'list value': { type: 'list' },
  'multi valued': { type: 'string', multi: true },
  'port value': { type: 'port' },
  'range value': { type: 'range' },
  'uri value': { type: 'uri' },
};

function generate(image: string, namespaces: readonly string[]): Generated {
  const python = ['--network=none', '--entrypoint=python3', image, '-', ...namespaces];
  return JSON.parse(run(python, program)) as Generated;
}

function readExample(image: string, { package: name, file }: OptionSource['example'] & object): OsloOptions {
  const shell = ['--user=0', '--entrypoint=sh', image, '-s', name, file];
  return parseExample(run(shell, unpack));
}

function run(container: readonly string[], input: string): string {
  const { status, stdout, stderr, error } = spawnSync('docker', ['run', '--rm', '-i', ...container], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw error ?? new Error(`${container.join(' ')}: ${stderr}`);
  return stdout;
}

/** Sections and options stand in it as they are written, or behind `#`; among sentences, which are about them. */
function parseExample(text: string): OsloOptions {
  const result: OsloOptions = {};
  let options: Record<string, OsloOption> = {};
  for (const line of text.split('\n')) {
    const [, section] = /^(?:# ?)?\[([^\s[\]<>]+)\]$/.exec(line) ?? [];
    const [, option, value = ''] = /^(?:# ?)?([a-z][a-z0-9_.]*) *=(?!=) *(.*)$/.exec(line) ?? [];
    if (section !== undefined) {
      result[section] ??= {};
      options = result[section];
    } else if (option !== undefined) options[option] ??= typeOfExample(value);
  }
  return result;
}

/** What is a whole number there may have a fraction, as time limits do. */
function typeOfExample(value: string): OsloOption {
  if (/^(true|false)$/i.test(value)) return { type: 'boolean' };
  return { type: /^\d+(\.\d+)?$/.test(value) ? 'float' : 'string' };
}

/** Names as configuration files have them: groups in lower case, options with underscores. */
const groupName = (name: string) => (name === 'DEFAULT' ? name : name.toLowerCase());
const optionName = (name: string) => name.replaceAll('-', '_');

function optionsOf(source: OptionSource, release: string): OsloOptions {
  const image = `gantry/${source.image}:${release}`;
  const { namespaces = [], example, groups = {} } = source;
  const declared = namespaces.length > 0 ? convert(generate(image, namespaces)) : {};
  const result = example ? readExample(image, example) : declared;
  for (const [group, others] of Object.entries(groups)) {
    const taken = others === '*' ? [{ '*': { type: 'string' } }] : others.map((other) => declared[other]);
    result[group] = Object.assign({}, ...taken, result[group]);
  }
  return result;
}

function convert(generated: Generated): OsloOptions {
  const result: OsloOptions = {};
  for (const [group, { opts }] of Object.entries(generated.options)) {
    result[groupName(group)] = Object.fromEntries(
      opts.map((option) => [optionName(option.name), describe(option)]),
    );
  }
  for (const options of Object.values(result)) {
    if (!options.auth_type && !options.auth_url) continue;
    for (const name of ['auth_type', 'auth_section', ...generated.credentials])
      options[optionName(name)] ??= { type: 'string' };
  }
  addFormerNames(result, generated);
  return result;
}

function describe({ type, choices, default: byDefault, min, max }: GeneratedOption): OsloOption {
  const values = choices.map(([value]) => value);
  return {
    ...(types[type] ?? { type: 'string' }),
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max }),
    ...(values.length > 0 && !ignoresCase(values, byDefault) ? { choices: values } : {}),
  };
}

/** Choices whose default is written in another case are compared without case; the generator does not say so. */
function ignoresCase(choices: (string | number | null)[], byDefault: unknown): boolean {
  return typeof byDefault === 'string' && !choices.includes(byDefault);
}

function addFormerNames(result: OsloOptions, { deprecated_options: former }: Generated): void {
  for (const [group, options] of Object.entries(former)) {
    for (const { name, replacement_name: newName, replacement_group: newGroup } of options) {
      const [inGroup, toGroup] = [groupName(group), groupName(newGroup ?? group)];
      const replacement = optionName(newName ?? name);
      const option = result[toGroup]?.[replacement];
      if (!option) continue;
      result[inGroup] ??= {};
      result[inGroup][optionName(name)] ??= {
        ...option,
        deprecatedFor: inGroup === toGroup ? replacement : `[${toGroup}] ${replacement}`,
      };
    }
  }
}

/** JSON with sorted keys and one option per line, so that differences between releases can be read. */
function format(files: Record<string, OsloOptions>): string {
  const block = (record: object, indent: string, value: (inner: never) => string): string => {
    const lines = Object.entries(record)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${indent}  ${JSON.stringify(key)}: ${value(inner as never)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  };
  const group = (options: object) => block(options, '    ', (option) => JSON.stringify(option));
  return `${block(files, '', (groups: object) => block(groups, '  ', group))}\n`;
}

const [given = releases[0].name, ...only] = process.argv.slice(2);
const { name: release } = releaseNamed(given);
const catalogue = join(projectRoot(), 'catalogue');
for (const service of only.length > 0 ? only : readdirSync(catalogue).sort()) {
  const sources = join(catalogue, service, 'options.yaml');
  if (!existsSync(sources)) continue;
  const files = Object.entries(parse(readFileSync(sources, 'utf8')) as Record<string, OptionSource>);
  const options = files.map(([name, source]) => [name, optionsOf(source, release)] as const);
  writeFileSync(join(catalogue, service, `options.${release}.json`), format(Object.fromEntries(options)));
}
