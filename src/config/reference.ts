import { stringify } from 'yaml';
import { z } from 'zod';
import type { CheckTime } from '../model/settings/settings.ts';
import { outsideNames, outsideOf } from './outside.ts';
import type { CloudSchema } from './schema.ts';
import { schemaAt, type UnwrappedSchema, unwrap } from './schema-tree.ts';

const INTRODUCTION = `# Configuration reference

<!-- Generated from src/config/schema.ts and the settings of the services by \`npm run docs:config\`; do not edit. -->

\`cloud.yaml\` in the working directory describes the cloud; \`--file\` names another. It may be missing or empty:
everything in it has a default. \`gantry config show --show-origin\` prints what is in force and where each value
comes from, \`gantry config validate\` checks the file. A mistake is reported with its line and column, all of them
at once, before anything is touched; the exit code is then 65.

\`gantry config schema > cloud.schema.json\` writes a JSON Schema of the file. With this first line, editors that speak to
[yaml-language-server](https://github.com/redhat-developer/yaml-language-server) complete its keys and names, show
what they mean, and mark what is wrong:

\`\`\`yaml
# yaml-language-server: $schema=cloud.schema.json
\`\`\`

Options of the command line such as \`--name\` win over the file. Relative paths start at the directory of the file.

| Kind of value | Written as |
|---|---|
| size | a number and \`B\`, \`KiB\`, \`MiB\`, \`GiB\`, \`TiB\`, \`kB\`, \`MB\`, \`GB\` or \`TB\`: \`512MiB\` |
| quantity | a number and a unit of Kubernetes: \`Mi\`, \`Gi\`, \`Ti\` and so on, or \`M\`, \`G\`, \`T\`: \`50Gi\` |
| duration | days, hours, minutes, seconds in this order: \`24h\`, \`1d12h\`, \`90s\` |
| IPv4 network | CIDR notation without host bits: \`10.29.28.0/24\` |
| boolean | \`true\` or \`false\` (YAML 1.2: \`yes\` and \`on\` are text) |

YAML anchors and aliases can be used; merge keys (\`<<\`) cannot.
`;

interface Row {
  key: string;
  kind: string;
  fallback: string;
  description: string;
}

/** The reference of cloud.yaml as Markdown, made from a schema of it. */
export function renderReference(schema: CloudSchema): string {
  const root = schemaAt(schema, []);
  const shape = root instanceof z.ZodObject ? root.shape : {};
  const defaults: Record<string, unknown> = schema.parse({});
  const plain: Row[] = [];
  const sections: string[] = [];
  for (const [key, field] of Object.entries(shape)) {
    const found = unwrap(field);
    if (found.type instanceof z.ZodObject) sections.push(renderSection(key, found, defaults[key]));
    else if (found.type instanceof z.ZodRecord) sections.push(renderNamed(key, found));
    else plain.push(rowOf(key, found, defaults[key]));
  }
  return [INTRODUCTION, `## Top level\n\n${renderTable(plain)}`, ...sections, renderOutside(schema)].join(
    '\n',
  );
}

const WHEN: Record<CheckTime, string> = {
  load: 'every command',
  plan: '`plan`, `doctor`, `up`',
  up: '`doctor`, `up`',
  run: 'where it is used',
};

/** Who finds out that a value names something which is not there, or not to be had. */
function renderOutside(schema: CloudSchema): string {
  const names = { ...outsideNames, ...outsideOf(schema) };
  const rows = Object.entries(names).map(([key, { names, checks }]) => {
    const times = checks.map(({ when, by }) => `${WHEN[when]} (${by.trim().replace(/:$/, '')})`);
    return `| \`${key}\` | ${names} | ${times.join('; ')} |`;
  });
  return [
    '## What is held against the machine, the network and the cluster',
    '',
    'These values name something outside the cloud. In brackets is the check of `gantry doctor`, or the code of the error.',
    '',
    '| Key | Names | Checked by |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function renderSection(key: string, found: UnwrappedSchema, defaults: unknown): string {
  const rows = rowsOf('', found.type, defaults);
  return `## ${key}\n\n${found.description ?? ''}\n\n${renderTable(rows)}`;
}

/** A section whose keys are names: what stands under each name, and an example. */
function renderNamed(key: string, found: UnwrappedSchema): string {
  const { path, value } = descend(found);
  const body =
    value.type instanceof z.ZodObject
      ? renderTable(rowsOf(path, value.type, undefined))
      : `\`${path}\`: ${describeKind(value)}.\n`;
  const example = found.examples?.[0];
  const code = example === undefined ? '' : `\n\`\`\`yaml\n${stringify({ [key]: example })}\`\`\`\n`;
  return `## ${key}\n\n${found.description ?? ''}\n\n${body}${code}`;
}

const NAMES: Record<number, string> = { 1: '<name>', 3: '<file>.<group>.<option>' };

function descend(found: UnwrappedSchema): { path: string; value: UnwrappedSchema } {
  let value = found;
  let levels = 0;
  while (value.type instanceof z.ZodRecord) {
    value = unwrap(value.type.valueType);
    levels += 1;
  }
  return { path: NAMES[levels] ?? '<name>', value };
}

function rowsOf(prefix: string, schema: z.core.$ZodType, defaults: unknown): Row[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const found = unwrap(field);
    const fallback = (defaults as Record<string, unknown> | undefined)?.[key];
    const own = rowOf(path, found, fallback);
    if (found.type instanceof z.ZodObject) return [own, ...rowsOf(path, found.type, fallback)];
    if (found.type instanceof z.ZodArray) {
      const item = unwrap(found.type.element);
      return [own, ...rowsOf(`${path}[]`, item.type, undefined)];
    }
    if (found.type instanceof z.ZodRecord) {
      const { path: name, value } = descend(found);
      return [own, ...rowsOf(`${path}.${name}`, value.type, undefined)];
    }
    return [own];
  });
}

function rowOf(key: string, found: UnwrappedSchema, fallback: unknown): Row {
  const value = found.defaultValue ?? fallback;
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
  const isShown = isPlain || (Array.isArray(value) && value.length > 0);
  return {
    key,
    kind: describeKind(found),
    fallback: isShown ? `\`${String(value)}\`` : '',
    description: found.description ?? '',
  };
}

function describeKind({ type, kind }: UnwrappedSchema): string {
  if (kind !== undefined) return kind;
  if (type instanceof z.ZodEnum) return type.options.map((option) => `\`${option}\``).join(', ');
  if (type instanceof z.ZodBoolean) return 'boolean';
  if (type instanceof z.ZodString) return 'text';
  if (type instanceof z.ZodObject) return 'section';
  if (type instanceof z.ZodArray) {
    const item = unwrap(type.element);
    return item.type instanceof z.ZodObject ? 'list' : `list: ${describeKind(item)}`;
  }
  if (type instanceof z.ZodRecord) return `by name: ${describeKind(unwrap(type.valueType))}`;
  throw new TypeError(`no words for a schema of type ${type._zod.def.type}`);
}

function renderTable(rows: Row[]): string {
  const lines = rows.map(
    ({ key, kind, fallback, description }) => `| \`${key}\` | ${kind} | ${fallback} | ${description} |`,
  );
  return ['| Key | Value | Default | Meaning |', '|---|---|---|---|', ...lines, ''].join('\n');
}
