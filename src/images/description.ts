import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { GantryError, type Place } from '../errors.ts';
import { type UserName, users } from '../model/users.ts';
import { capabilities } from '../model/workload.ts';

const schema = z.strictObject({
  summary: z.string().min(1),
  user: z.enum(Object.keys(users) as [UserName, ...UserName[]]),
  programs: z.array(z.array(z.string()).min(1)).min(1),
  capabilities: z.array(z.enum(capabilities)).optional(),
  disk: z.boolean().optional(),
  onDemand: z.boolean().optional(),
  bundles: z.array(z.string()).optional(),
});

/** What image.yaml says of an image. */
export type Description = z.infer<typeof schema>;

/** Parses an image.yaml. Throws `image.description` with the place of the first mistake. */
export function parseDescription(file: string, text: string): Description {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, text: text.split('\n')[line - 1] ?? '' };
  };
  const [syntax] = document.errors;
  if (syntax) throw mistake(place(syntax.pos[0]), syntax.message);

  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  let path = issue?.path ?? [];
  let node = document.getIn(path, true);
  while (!node && path.length > 0) {
    path = path.slice(0, -1);
    node = document.getIn(path, true);
  }
  const offset = (node as { range?: [number, number, number] } | undefined)?.range?.[0] ?? 0;
  const missing = isMap(document.contents) ? '' : ' (a mapping is expected)';
  throw mistake(place(offset), `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}${missing}`);
}

function mistake(place: Place, why: string): GantryError {
  return new GantryError({
    code: 'image.description',
    whose: 'bug',
    message: `${place.file} does not describe an image`,
    place,
    why,
  });
}
