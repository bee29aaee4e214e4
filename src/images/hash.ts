import { createHash } from 'node:crypto';
import type { ContextFile } from './context.ts';

/** Raised when the builder itself makes other images out of the same inputs. */
const recipe = 1;

export interface HashInputs {
  release: string;
  dockerfile: string;
  context: ContextFile[];
  /** Hashes of the parents by name. */
  parents: Record<string, string>;
}

/** Hash of everything an image is built from, as 12 hex digits: the same inputs need no new build. */
export function hashInputs(inputs: HashInputs): string {
  const parents = Object.entries(inputs.parents).sort(([a], [b]) => (a < b ? -1 : 1));
  const files = inputs.context.map((file) =>
    'target' in file
      ? [file.path, 'link', file.target]
      : [file.path, file.mode, createHash('sha256').update(file.content).digest('hex')],
  );
  return createHash('sha256')
    .update(JSON.stringify([recipe, inputs.release, inputs.dockerfile, files, parents]))
    .digest('hex')
    .slice(0, 12);
}
