import { type Document, isMap, parseDocument } from 'yaml';
import { GantryError } from '../errors.ts';

/** The text of cloud.yaml with these values set by path; comments, order and layout of the rest stay. */
export function editCloudYaml(
  text: string,
  values: readonly (readonly [path: string[], value: number])[],
): string {
  const document: Document = parseDocument(text);
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) {
    throw new GantryError({
      code: 'config.not-editable',
      whose: 'user',
      message: 'cloud.yaml cannot be changed, since it is not valid YAML',
      next: 'run "gantry config validate"',
    });
  }
  for (const [path, value] of values) document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}
