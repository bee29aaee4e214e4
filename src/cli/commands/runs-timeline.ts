import { loadConfigured } from '../../cloud/configured.ts';
import { findRunOf, readRunOf } from '../../cloud/runs.ts';
import { ExitCode } from '../../errors.ts';
import { renderTimeline } from '../../run/timeline.ts';
import type { GlobalOptions } from '../options.ts';

/** The picture that `up --timeline` draws. */
export async function run(
  options: GlobalOptions,
  [wanted]: (string | string[] | undefined)[],
): Promise<number> {
  const configured = await loadConfigured(options);
  const { id } = await findRunOf(configured, String(wanted));
  process.stdout.write(renderTimeline(await readRunOf(configured, id)));
  return ExitCode.done;
}
