import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listCatalogue } from '../../src/resolve/catalogue.ts';

const root = resolve(import.meta.dirname, '../..');

interface Import {
  from: string;
  to: string;
}

/** Every import of a project file by a project file, tests left out; paths from the root. */
const imports: Import[] = ['src', 'engines', 'catalogue'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('/testing/'))
    .flatMap((name) => importsOf(join(folder, name))),
);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, target = '']) => ({
    from: file,
    to: target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target,
  }));
}

function offenders(from: RegExp, forbidden: (to: string, from: string) => boolean): string[] {
  return imports
    .filter((one) => from.test(one.from) && forbidden(one.to, one.from))
    .map((one) => `${one.from} -> ${one.to}`);
}

/** Files that import something and have text like this. */
function filesWith(pattern: RegExp): string[] {
  const files = [...new Set(imports.map(({ from }) => from))];
  return files.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')));
}

/**
 * The imports that are part of a circle: what is left where files that import none of the others, and those that none
 * imports, are taken away for as long as there are any.
 */
function circlesIn(all: readonly Import[]): string[] {
  let left = [...all];
  for (let before = Number.POSITIVE_INFINITY; left.length < before; ) {
    before = left.length;
    const importing = new Set(left.map(({ from }) => from));
    left = left.filter(({ to }) => importing.has(to));
    const imported = new Set(left.map(({ to }) => to));
    left = left.filter(({ from }) => imported.has(from));
  }
  return left.map(({ from, to }) => `${from} -> ${to}`);
}

const inProject = (to: string): boolean => /^(src|engines|catalogue)\//.test(to);
const doesInputOrOutput = (to: string): boolean =>
  /^(node:)?(fs|net|http|https|child_process|os|dns|tls|process|readline)(\/|$)/.test(to) ||
  ['dockerode', 'undici', 'tar-stream'].includes(to);

describe('boundaries between the parts', () => {
  it('has imports to look at', () => {
    expect(imports.length).toBeGreaterThan(300);
  });

  /** What services do over the APIs once they run, and what operators can do with them: loaded when it is asked for. */
  const usesApis = /^catalogue\/[^/]+\/(verify\/|(purge|tempest)\.ts$)/;
  const operations = /^catalogue\/[^/]+\/operations\.ts$/;
  const service = (path: string): string => path.split('/').slice(0, 2).join('/');
  const isOutside = (to: string, from: string): boolean =>
    inProject(to) && !/^(src\/model|catalogue\/common)\//.test(to) && service(to) !== service(from);

  it('lets the catalogue import the model, what services share and its own service only', () => {
    const isMore = (from: string): boolean => usesApis.test(from) || operations.test(from);
    expect(offenders(/^catalogue\//, (to, from) => isOutside(to, from) && !isMore(from))).toEqual([]);
    expect(offenders(operations, (to, from) => isOutside(to, from) && to !== 'src/errors.ts')).toEqual([]);
  });

  it('lets what services do over the APIs import the client for them', () => {
    const client = /^src\/(openstack\/|verify\/|tempest\/|errors\.ts|time-limit\.ts)/;
    expect(offenders(usesApis, (to, from) => isOutside(to, from) && !client.test(to))).toEqual([]);
  });

  it('keeps what is loaded when it is asked for out of what is planned with', () => {
    expect(offenders(/^catalogue\//, (to, from) => usesApis.test(to) && !usesApis.test(from))).toEqual([]);
    expect(offenders(/^catalogue\//, (to) => operations.test(to))).toEqual([]);
  });

  it('keeps the model and the planner free of input and output', () => {
    expect(offenders(/^src\/(model|plan)\//, doesInputOrOutput)).toEqual([]);
  });

  it('lets the model import nothing of the project but errors', () => {
    expect(
      offenders(/^src\/model\//, (to) => inProject(to) && !/^src\/(model\/|errors\.ts)/.test(to)),
    ).toEqual([]);
  });

  it('keeps engines apart from each other and from the application', () => {
    const engine = (path: string): string => path.split('/').slice(0, 2).join('/');
    expect(
      offenders(
        /^engines\//,
        (to, from) =>
          /^(src\/(cli|cloud)|catalogue)\//.test(to) ||
          (to.startsWith('engines/') && engine(to) !== engine(from)),
      ),
    ).toEqual([]);
  });

  it('lets only the application choose an engine', () => {
    expect(offenders(/^src\/(?!cloud\/)/, (to) => to.startsWith('engines/'))).toEqual([]);
  });

  it('lets only the command line use the application, and nothing the command line', () => {
    expect(offenders(/^src\/(?!cli\/|cloud\/)/, (to) => to.startsWith('src/cloud/'))).toEqual([]);
    expect(offenders(/^src\/(?!cli\/)/, (to) => to.startsWith('src/cli/'))).toEqual([]);
  });

  it('keeps the program that runs in servers to what it needs there', () => {
    const needed =
      /^src\/(volume-plugin\/|openstack\/|model\/clock\.ts|config\/(nearest|source)\.ts|errors\.ts|time-limit\.ts)/;
    expect(offenders(/^src\/volume-plugin\//, (to) => inProject(to) && !needed.test(to))).toEqual([]);
    expect(offenders(/^(?!src\/volume-plugin\/)/, (to) => to.startsWith('src/volume-plugin/'))).toEqual([]);
  });

  it('has no circles, types counted', () => {
    expect(circlesIn(imports)).toEqual([]);
    const path = { from: 'a', to: 'b' };
    const circle = [
      { from: 'b', to: 'c' },
      { from: 'c', to: 'b' },
    ];
    expect(circlesIn([path, ...circle, { from: 'c', to: 'd' }])).toEqual(['b -> c', 'c -> b']);
  });

  it('runs Tempest without a word of a service', () => {
    const parts = listCatalogue(root).filter(({ name }) =>
      existsSync(join(root, 'catalogue', name, 'tempest.ts')),
    );
    const words = new RegExp(parts.map(({ name }) => name).join('|'), 'i');
    expect(parts).not.toEqual([]);
    expect(filesWith(words).filter((file) => file.startsWith('src/tempest/'))).toEqual([]);
  });

  it('plans without a word of Kubernetes where engines share the planner', () => {
    const planning = filesWith(/kubernetes/i).filter((file) => file.startsWith('src/plan/'));
    expect(planning).toEqual([]);
  });

  it('takes the client of Kubernetes from one file, since its inside paths are no promise', () => {
    expect(
      offenders(
        /.*/,
        (to, from) => to.startsWith('@kubernetes/') && from !== 'engines/kubernetes/api/library.ts',
      ),
    ).toEqual([]);
  });

  it('lets nothing but the command line write to standard output', () => {
    const writers = filesWith(/process\.(stdout|stderr)\.write|console\.(log|info|warn|error)\(/);
    expect(writers.filter((file) => !file.startsWith('src/cli/'))).toEqual([]);
  });

  it('limits times with nothing that memory collection takes away', () => {
    expect(filesWith(/AbortSignal\.timeout\(/)).toEqual([]);
  });
});
