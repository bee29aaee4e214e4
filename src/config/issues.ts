import type { z } from 'zod';
import type { GantryError } from '../errors.ts';
import { listNames, oneOf, suggest } from './nearest.ts';
import type { CloudSchema } from './schema.ts';
import { keysOf, schemaAt } from './schema-tree.ts';
import { configError, type Path, type Source, valueAt } from './source.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong with single keys and values, as errors with their places. */
export function describeIssues(
  issues: readonly Issue[],
  given: unknown,
  { schema, source, flags }: { schema: CloudSchema; source: Source; flags: ReadonlySet<string> },
): GantryError[] {
  const said = new Set<string>();
  return issues.flatMap((issue) => {
    const path = issue.path as (string | number)[];
    if (source.isBroken(path)) return [];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(path, key, schema, source));
    }
    const name = dotted(path);
    const value = valueAt(given, path);
    const message = `${name} ${explain(issue, value)}`;
    // A number that is too small for one reason can be so for another as well.
    if (said.has(message)) return [];
    said.add(message);
    const code = isWrongType(issue) ? 'config.wrong-type' : 'config.invalid-value';
    if (flags.has(path.join('.'))) return configError(code, `on the command line: ${message}`, undefined);
    const next =
      path[0] === 'config' && path.length === 3 ? 'Options belong in a group, such as DEFAULT.' : undefined;
    return configError(code, message, source.valuePlace(path), next ? { next } : {});
  });
}

function unknownKey(path: Path, key: string, schema: CloudSchema, source: Source): GantryError {
  const valid = keysOf(schemaAt(schema, path));
  const inside = path.length === 0 ? '' : ` in ${dotted(path)}`;
  const hint = suggest(key, valid);
  const why = hint === '' ? listNames('Known keys', valid) : undefined;
  const message = `unknown key "${key}"${inside}${hint}`;
  return configError('config.unknown-key', message, source.keyPlace([...path, key]), why ? { why } : {});
}

function isWrongType(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_union';
}

function explain(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return 'is missing';
      if (value === null) return 'has no value';
      // zod's own messages start so; any other is the field's.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      return `must be ${kindWords[issue.expected] ?? issue.expected}, not ${describeKind(value)}${advise(issue.expected, value)}`;
    case 'invalid_value': {
      if (value === null) return 'has no value';
      const choices = issue.values.map(String);
      return `must be ${oneOf(choices)}${typeof value === 'string' ? suggest(value, choices) : ''}`;
    }
    case 'invalid_union':
      return value === null ? 'has no value' : issue.message;
    default:
      return issue.message;
  }
}

const kindWords: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function describeKind(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text "${shorten(value)}"`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  return 'a mapping';
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}

function advise(expected: string, value: unknown): string {
  if (expected === 'string' && typeof value !== 'object') return '; put it in quotes';
  if (typeof value !== 'string') return '';
  const isNumber = expected === 'number' || expected === 'int';
  if (isNumber && value.trim() !== '' && !Number.isNaN(Number(value))) return '; leave the quotes out';
  if (expected === 'boolean' && /^(yes|on|true)$/i.test(value)) return '; write true';
  if (expected === 'boolean' && /^(no|off|false)$/i.test(value)) return '; write false';
  return '';
}

/** `images.guests[0].url`; the whole file where the path is empty. */
export function dotted(path: Path): string {
  const text = path.reduce<string>(
    (at, part) => (typeof part === 'number' ? `${at}[${part}]` : at === '' ? part : `${at}.${part}`),
    '',
  );
  return text === '' ? 'the file' : text;
}
