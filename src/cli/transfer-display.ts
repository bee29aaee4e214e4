import type { Report } from '../client/transfer.ts';
import type { GlobalOptions } from './options.ts';

/** What takes less is over before it could be read. */
const PATIENCE_MS = 1000;
const MIB = 1024 * 1024;

/** Shows how a file goes to or from the client: one line that changes on a terminal, else a line now and then. */
export function showTransfer(
  stderr: NodeJS.WriteStream,
  progress: GlobalOptions['progress'],
  text: string,
  now: () => number = () => performance.now(),
): { report: Report; end(): void } {
  const redraws = stderr.isTTY === true && progress === 'auto';
  const interval = redraws ? 200 : 10_000;
  const started = now();
  let shown: number | undefined;
  const report: Report = (done, total) => {
    const time = now();
    if (progress === 'json' || time - started < PATIENCE_MS) return;
    if (shown !== undefined && time - shown < interval) return;
    shown = time;
    const line = `${text}: ${describe(done, total)}`;
    stderr.write(redraws ? `\r\u001b[K${line}` : `${line}\n`);
  };
  const end = (): void => {
    if (redraws && shown !== undefined) stderr.write('\r\u001b[K');
  };
  return { report, end };
}

function describe(done: number, total: number | undefined): string {
  const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(0);
  if (!total) return `${mebibytes(done)} MiB`;
  return `${mebibytes(done)} of ${mebibytes(total)} MiB, ${Math.floor((done / total) * 100)} %`;
}
