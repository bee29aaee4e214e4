// Bundles the command line into dist/, split so that each command loads only what it needs. Chunks are named by their
// content and the old ones stay for a while: a command that is running while this builds may still ask for them.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const KEEP_MS = 3_600_000;
const outdir = new URL('../dist', import.meta.url).pathname;
const chunks = join(outdir, 'chunks');
await build({
  entryPoints: { gantry: new URL('../src/cli/main.ts', import.meta.url).pathname },
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Native add-ons and what they hang on stay in node_modules.
  external: ['ssh2', 'cpu-features'],
  banner: {
    js: "import { createRequire as gantryRequire } from 'node:module'; const require = gantryRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
for (const name of await readdir(chunks)) {
  const path = join(chunks, name);
  if (Date.now() - (await stat(path)).mtimeMs > KEEP_MS) await rm(path, { force: true });
}
