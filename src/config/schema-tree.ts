import { z } from 'zod';
import type { OutsideName } from '../model/settings/settings.ts';

/** Reading the schema itself: for naming the valid keys, and for the reference in docs/configuration.md. */

export interface UnwrappedSchema {
  /** Without default, optional, preprocessing and transformation. */
  type: z.core.$ZodType;
  description?: string | undefined;
  /** What the value is, in words; see fields.ts. */
  kind?: string | undefined;
  examples?: readonly unknown[] | undefined;
  outside?: OutsideName | undefined;
  /** Values that are taken for one of an enumeration. */
  otherForms?: readonly unknown[] | undefined;
  defaultValue?: unknown;
}

export function unwrap(schema: z.core.$ZodType): UnwrappedSchema {
  let type = schema;
  const found: UnwrappedSchema = { type };
  for (;;) {
    const meta = z.globalRegistry.get(type);
    found.description ??= meta?.description;
    found.kind ??= meta?.kind as string | undefined;
    found.examples ??= meta?.examples as readonly unknown[] | undefined;
    found.outside ??= meta?.outside as OutsideName | undefined;
    found.otherForms ??= meta?.otherForms as readonly unknown[] | undefined;
    if (type instanceof z.ZodDefault) {
      found.defaultValue ??= type.def.defaultValue;
      type = type.def.innerType;
    } else if (type instanceof z.ZodOptional) {
      type = type.def.innerType;
    } else if (type instanceof z.ZodPipe) {
      type = type.def.in instanceof z.ZodTransform ? type.def.out : type.def.in;
    } else {
      found.type = type;
      return found;
    }
  }
}

/** The schema of what is at this path, or undefined where nothing can be. */
export function schemaAt(
  schema: z.core.$ZodType,
  path: readonly (string | number)[],
): z.core.$ZodType | undefined {
  const { type } = unwrap(schema);
  const [first, ...rest] = path;
  if (first === undefined) return type;
  let inner: z.core.$ZodType | undefined;
  if (type instanceof z.ZodObject) inner = type.shape[first];
  else if (type instanceof z.ZodRecord) inner = type.valueType;
  else if (type instanceof z.ZodArray) inner = type.element;
  return inner && schemaAt(inner, rest);
}

/** The keys a mapping may have; none for anything else. */
export function keysOf(schema: z.core.$ZodType | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
