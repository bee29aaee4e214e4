import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What images have in them of Gantry's own is built as it is for who uses the command line: where it is out of date. */
export default function buildBundles(): void {
  execFileSync(join(import.meta.dirname, '../gantry'), ['version'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
