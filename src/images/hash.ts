import { createHash } from 'node:crypto';
import type { ContextFile } from './context.ts';

/** Raised when the builder itself makes other images out of the same inputs. */
const recipe = 1;

export interface HashInputs {
  release: string;
  /** What the Dockerfile is given, by name. */
  buildArguments: Record<string, string>;
  dockerfile: string;
  context: ContextFile[];
  /** Hashes of the parents by name. */
  parents: Record<string, string>;
}

/** Hash of everything an image is built from, as 12 hex digits: the same inputs need no new build. */
export function hashInputs(inputs: HashInputs): string {
  const parents = sorted(inputs.parents);
  const given = sorted(inputs.buildArguments);
  const files = inputs.context.map((file) =>
    'target' in file
      ? [file.path, 'link', file.target]
      : [file.path, file.mode, createHash('sha256').update(file.content).digest('hex')],
  );
  const inside = [recipe, inputs.release, inputs.dockerfile, files, parents];
  return createHash('sha256')
    .update(JSON.stringify(given.length > 0 ? [...inside, given] : inside))
    .digest('hex')
    .slice(0, 12);
}

function sorted(record: Record<string, string>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
