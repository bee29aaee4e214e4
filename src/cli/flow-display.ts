import { formatSize } from '../config/units.ts';
import type { FlowReport } from '../openstack/flow.ts';
import type { GlobalOptions } from './options.ts';

/** A line for each activity as it ends, and for what is waited for while it changes. */
export function createFlowDisplay(
  mode: GlobalOptions['progress'],
  stream: NodeJS.WritableStream,
): FlowReport {
  const write = (text: string): void => void stream.write(`${text}\n`);
  if (mode === 'json') {
    return {
      started: (name) => write(JSON.stringify({ type: 'activity.started', name })),
      waiting: (name, reason) => write(JSON.stringify({ type: 'activity.waiting', name, reason })),
      progress: (name, done, total) =>
        write(JSON.stringify({ type: 'activity.progress', name, done, total })),
      finished: ({ error, ...result }) =>
        write(
          JSON.stringify({
            type: 'activity.finished',
            ...result,
            ...(error ? { error: error.message } : {}),
          }),
        ),
    };
  }
  const said = new Map<string, string>();
  const quarters = new Map<string, number>();
  return {
    started: () => {},
    waiting: (name, reason) => {
      if (said.get(name) === reason) return;
      said.set(name, reason);
      write(`  ... ${name}: ${reason}`);
    },
    progress: (name, done, total) => {
      const quarter = total ? Math.floor((done / total) * 4) : 0;
      if (quarter <= (quarters.get(name) ?? 0) || quarter >= 4) return;
      quarters.set(name, quarter);
      write(`  ... ${name}: ${formatSize(done)} of ${formatSize(total ?? done)}`);
    },
    finished: ({ name, result, seconds, detail, error }) => {
      const mark = { ok: ' ok ', failed: 'FAIL', skipped: 'skip' }[result];
      const text = error?.message ?? detail;
      write(
        `${mark}  ${name}${text ? `: ${text}` : ''}${seconds >= 0.1 ? ` (${seconds.toFixed(1)} s)` : ''}`,
      );
    },
  };
}
