import { stringify } from 'yaml';
import type { RenderedObject } from '../engine/engine.ts';

export type ManifestFormat = 'yaml' | 'json';

export function isSecret({ ref }: RenderedObject): boolean {
  return ref.apiVersion === 'v1' && ref.kind === 'Secret';
}

/**
 * Objects as kubectl takes them: YAML documents, or a List in JSON. Without `secrets`, Secrets are left out; YAML says
 * in a comment which.
 */
export function formatManifests(
  objects: readonly RenderedObject[],
  format: ManifestFormat,
  { secrets }: { secrets: boolean },
): string {
  const shown = objects.filter((object) => secrets || !isSecret(object));
  if (format === 'json') {
    const list = { apiVersion: 'v1', kind: 'List', items: shown.map(({ manifest }) => manifest) };
    return `${JSON.stringify(list, null, 2)}\n`;
  }
  const left = objects.filter((object) => !shown.includes(object));
  const comment = left.map(({ ref }) => `# Secret ${ref.name} is left out: --secrets-to FILE writes it\n`);
  const documents = shown.map(({ manifest }) =>
    stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0 }),
  );
  return `${comment.join('')}${documents.join('---\n')}`;
}
