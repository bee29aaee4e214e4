// Bundles the command line into dist/, split so that each command loads only what it needs.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

const outdir = new URL('../dist', import.meta.url).pathname;
await rm(outdir, { recursive: true, force: true });
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
