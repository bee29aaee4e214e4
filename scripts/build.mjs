// Bundles the command line into dist/, split so that each command loads only what it needs. Chunks are named by their
// content and the old ones stay for a while: a command that is running while this builds may still ask for them. Another
// may start at any time: each file appears whole, and the first that a command reads appears last.
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const KEEP_MS = 3_600_000;
const outdir = new URL('../dist', import.meta.url).pathname;
const chunks = join(outdir, 'chunks');
const { outputFiles } = await build({
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
  write: false,
});
// What runs in servers, as one file beside Debian's nodejs.
const program = await build({
  entryPoints: { 'volume-plugin': new URL('../src/volume-plugin/main.ts', import.meta.url).pathname },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  banner: {
    js: "import { createRequire as gantryRequire } from 'node:module'; const require = gantryRequire(import.meta.url);",
  },
  logLevel: 'warning',
  write: false,
});
const isEntry = ({ path }) => basename(path) === 'gantry.js';
await mkdir(chunks, { recursive: true });
for (const file of [...program.outputFiles, ...outputFiles].sort((a, b) => isEntry(a) - isEntry(b))) {
  const unfinished = join(chunks, `${basename(file.path)}.${process.pid}`);
  await writeFile(unfinished, file.contents);
  await rename(unfinished, file.path);
}
for (const name of await readdir(chunks)) {
  const path = join(chunks, name);
  if (Date.now() - (await stat(path)).mtimeMs > KEEP_MS) await rm(path, { force: true });
}
