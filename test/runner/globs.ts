/**
 * Whether a path is what a glob means: `*` is any part of one name, `**` any part of the path, `{a,b}` one of these.
 * Node.js has a matcher of its own from 22 on only.
 */
export function matches(glob: string, path: string): boolean {
  const pattern = glob.replaceAll(/\*\*|[*{},]|[.+^$()|[\]\\?]/g, (part) => meaning[part] ?? `\\${part}`);
  return new RegExp(`^${pattern}$`).test(path);
}

const meaning: Record<string, string> = {
  '**': '.*',
  '*': '[^/]*',
  '{': '(?:',
  ',': '|',
  '}': ')',
};
