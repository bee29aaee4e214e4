import type { RunEvent } from '../../run/events.ts';
import type { DisplayStream } from './contract.ts';

const MIB = 1024 * 1024;
/** Lines that stay are written this many milliseconds apart. */
const LINE_INTERVAL = 10_000;

/** Shows how files go to or from the client: one line that changes and goes, or a line now and then. */
export function showTransfers(stream: DisplayStream, how: 'one line' | 'lines'): (event: RunEvent) => void {
  let shownAt: number | undefined;
  return (event) => {
    if (event.type === 'transfer.progress') {
      if (how === 'lines' && shownAt !== undefined && event.at - shownAt < LINE_INTERVAL) return;
      shownAt = event.at;
      const line = `${event.text}: ${describe(event.done, event.total)}`;
      stream.write(how === 'one line' ? `\r\u001b[K${line}` : `${line}\n`);
    } else if (event.type === 'transfer.finished') {
      if (how === 'one line' && shownAt !== undefined) stream.write('\r\u001b[K');
      shownAt = undefined;
    }
  };
}

function describe(done: number, total: number | undefined): string {
  const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(0);
  if (!total) return `${mebibytes(done)} MiB`;
  return `${mebibytes(done)} of ${mebibytes(total)} MiB, ${Math.floor((done / total) * 100)} %`;
}
