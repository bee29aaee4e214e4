import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Cloud } from '../cloud/cloud.ts';
import { ExitCode } from '../errors.ts';
import { execute } from '../model/engine.ts';
import type { Plan } from '../plan/step.ts';
import { stampEvents } from '../run/emit.ts';
import type { RunEvent } from '../run/events.ts';
import { run } from '../run/runner.ts';
import { createDisplay } from './display/display.ts';
import { withDisplay } from './notices.ts';
import type { GlobalOptions } from './options.ts';

/** Runs a plan with the display that the user asked for; resolves to the exit code. */
export async function applyPlan(
  cloud: Cloud,
  plan: Plan,
  options: Pick<GlobalOptions, 'progress'> & { timeline?: string; title: string; signal: AbortSignal },
): Promise<number> {
  const display = createDisplay(options.progress, process.stderr, process.env);
  const events: RunEvent[] = [];
  const clock = (): number => performance.now();
  const executors = cloud.engine.executors(cloud.desired);
  const emit = stampEvents(clock, (event) => {
    if (options.timeline) events.push(event);
    display.onEvent(event);
  });
  try {
    const { result } = await withDisplay(emit, () =>
      run(plan, {
        title: options.title,
        execute: (step, context) => execute(executors, step, context),
        emit,
        clock,
        limits: {
          'image.build': cpus().length,
          'job.run': cpus().length * 4,
          // Images share layers: what one has brought there, the next does not send again.
          'image.publish': 1,
          'node.seed': 4,
        },
        signal: options.signal,
      }),
    );
    if (options.timeline) {
      const { renderTimeline } = await import('../run/timeline.ts');
      await writeFile(options.timeline, renderTimeline(events));
    }
    return { done: ExitCode.done, failed: ExitCode.failed, interrupted: ExitCode.interrupted }[result];
  } finally {
    display.close();
  }
}
