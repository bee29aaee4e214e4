/** What a FROM line or a COPY --from names. */
export type Base =
  /** The release's Debian; the builder decides where it comes from. */
  | { kind: 'rootfs' }
  /** Another image of the catalogue. */
  | { kind: 'image'; name: string }
  /** A stage of the same file, or `scratch`. */
  | { kind: 'stage'; name: string };

export interface BaseUse {
  base: Base;
  /** Counting from 1. */
  line: number;
  column: number;
  /** True for the FROM of the last stage, whose layers the image starts with. */
  last: boolean;
}

export interface Dockerfile {
  /** Relative to the project. */
  path: string;
  text: string;
  uses: BaseUse[];
  /** Names of the build arguments that it declares. */
  buildArguments: string[];
}

const from = /^(\s*FROM\s+(?:--\S+\s+)*)(\S+)(?:\s+AS\s+(\S+))?\s*$/i;
const argument = /^\s*ARG\s+(\w+)/gim;
const copyFrom = /^(\s*(?:COPY|ADD)\s.*--from=)(\S+)/i;

/** Finds the images a Dockerfile builds on, and what it may be given. References that are neither `debian` nor `gantry/...` are stages. */
export function parseDockerfile(path: string, text: string): Dockerfile {
  const uses: BaseUse[] = [];
  text.split('\n').forEach((content, index) => {
    const match = from.exec(content) ?? copyFrom.exec(content);
    if (!match) return;
    const [, before = '', reference = ''] = match;
    const isFrom = from.test(content);
    if (isFrom) for (const use of uses) use.last = false;
    uses.push({ base: parseBase(reference), line: index + 1, column: before.length + 1, last: isFrom });
  });
  const buildArguments = [...text.matchAll(argument)].map(([, name = '']) => name);
  return { path, text, uses, buildArguments };
}

/** The text with every base that is not a stage replaced by what `resolve` says. */
export function renderDockerfile(
  dockerfile: Dockerfile,
  resolve: (base: Exclude<Base, { kind: 'stage' }>) => string,
): string {
  const lines = dockerfile.text.split('\n');
  for (const { base, line, column } of dockerfile.uses) {
    if (base.kind === 'stage') continue;
    const content = lines[line - 1] ?? '';
    const before = content.slice(0, column - 1);
    lines[line - 1] = before + content.slice(before.length).replace(/^\S+/, () => resolve(base));
  }
  return lines.join('\n');
}

function parseBase(reference: string): Base {
  if (reference === 'debian') return { kind: 'rootfs' };
  if (reference.startsWith('gantry/')) return { kind: 'image', name: reference.slice('gantry/'.length) };
  return { kind: 'stage', name: reference };
}
