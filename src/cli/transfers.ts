import type { Report } from '../client/transfer.ts';
import type { Emit } from '../run/events.ts';

/** What takes less is over before it could be read. */
const PATIENCE_MS = 1000;
/** How often displays are told, in milliseconds. */
const INTERVAL_MS = 200;

/** Tells how a file goes to or from the client, as events. */
export async function followTransfer(
  emit: Emit,
  text: string,
  transfer: (report: Report) => Promise<void>,
  now: () => number = () => performance.now(),
): Promise<void> {
  const started = now();
  let told: number | undefined;
  const report: Report = (done, total) => {
    const time = now();
    if (time - started < PATIENCE_MS || (told !== undefined && time - told < INTERVAL_MS)) return;
    told = time;
    emit({ type: 'transfer.progress', text, done, total });
  };
  try {
    await transfer(report);
  } finally {
    emit({ type: 'transfer.finished', text });
  }
}
