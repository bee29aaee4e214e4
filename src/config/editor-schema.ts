import { z } from 'zod';
import { type Known, OTHERS } from './known.ts';
import type { CloudSchema } from './schema.ts';
import { unwrap } from './schema-tree.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * cloud.yaml as a JSON Schema (draft 7, which every editor's YAML server reads), by which editors complete keys and
 * names, show what they mean and mark what is wrong. Rules over several keys are left to `gantry config validate`.
 */
export function editorSchema(schema: CloudSchema, known: Known): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => describe(zodSchema, jsonSchema),
  });
  for (const [path, names] of Object.entries(namesOf(known))) offerNames(made, path.split('.'), names);
  offerInstances(made.properties?.resources as JsonSchema, known.perDevice ?? []);
  return { title: 'cloud.yaml of Gantry', ...made };
}

/** What zod leaves out for schemas that change what they are given, and takes of ours that is no word of JSON Schema. */
function describe(schema: z.core.$ZodType, json: JsonSchema): void {
  const { type, examples, defaultValue, otherForms } = unwrap(schema);
  if (examples) json.examples = [...examples] as JsonSchema['examples'];
  if (defaultValue !== undefined) json.default = defaultValue as JsonSchema['default'];
  if (otherForms) json.enum = [...(json.enum ?? []), ...otherForms] as JsonSchema['enum'];
  if (otherForms) delete json.type;
  if (type instanceof z.ZodObject) {
    const needed = Object.keys(type.shape).filter((key) => !type.shape[key].safeParse(undefined).success);
    if (needed.length > 0) json.required = needed;
    else delete json.required;
  }
  // A section may be there with nothing in it.
  if (json.type === 'object' && z.safeParse(schema, null).success)
    Object.assign(json, { type: ['object', 'null'] });
  for (const word of ['kind', 'outside', 'otherForms', 'propertyNames']) delete json[word];
}

/** The names that sections by name may have in them. */
function namesOf(known: Known): Record<string, readonly string[] | undefined> {
  return {
    services: known.services,
    replicas: known.processes,
    workers: known.withWorkers,
    resources: [...known.processes, OTHERS],
    config: Object.keys(known.configFiles),
    'public.ports': known.endpoints && Object.keys(known.endpoints),
    'kubernetes.volumeSizes': known.volumes,
  };
}

function offerNames(schema: JsonSchema, path: readonly string[], names: readonly string[] = []): void {
  const section = path.reduce<JsonSchema | undefined>(
    (at, key) => at?.properties?.[key] as JsonSchema | undefined,
    schema,
  );
  const value = section?.additionalProperties;
  if (section === undefined || value === undefined) return;
  section.properties = Object.fromEntries(names.map((name) => [name, value]));
  section.additionalProperties = false;
}

/** Which instances there are of what runs once for each device, the rest of cloud.yaml says: any name of one will do. */
function offerInstances(section: JsonSchema, processes: readonly string[]): void {
  const value = section.properties?.[processes[0] ?? ''];
  if (value !== undefined) section.patternProperties = { [`^(${processes.join('|')})-.`]: value };
}
