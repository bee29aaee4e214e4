/** How busy this machine's processors are with a cloud that does nothing; all else that runs counts too. */
import { readFile } from 'node:fs/promises';
import { systemClock } from '../../src/openstack/clock.ts';
import { median } from './comparison.ts';

const WINDOWS = 5;
const WINDOW_SECONDS = 20;
/** proc_stat(5): columns of the first line that are not work. */
const RESTING = ['idle', 'iowait', 'steal'];
const COLUMNS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];

/** Prints minimum, median and maximum over windows of time, in percent of one core. */
export async function benchIdle(say: (text: string) => void): Promise<void> {
  const shares = await measureIdle();
  const shown = [Math.min(...shares), median(shares), Math.max(...shares)].map((share) => share.toFixed(1));
  say(`processors at work: ${shown.join(' / ')} % of one core`);
  say(`(minimum / median / maximum of ${WINDOWS} times ${WINDOW_SECONDS} s)`);
}

/** Percent of one core in each window. */
export async function measureIdle(signal?: AbortSignal): Promise<number[]> {
  const shares: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    const [before, started] = [await workedSeconds(), performance.now()];
    await systemClock.sleep(WINDOW_SECONDS * 1000, signal);
    const seconds = (performance.now() - started) / 1000;
    shares.push((100 * ((await workedSeconds()) - before)) / seconds);
  }
  return shares;
}

/** Since the machine started; the kernel counts in hundredths. */
async function workedSeconds(): Promise<number> {
  const [, ...counts] = (await readFile('/proc/stat', 'utf8')).split('\n')[0]?.trim().split(/\s+/) ?? [];
  const worked = COLUMNS.map((column, index) => (RESTING.includes(column) ? 0 : Number(counts[index])));
  return worked.reduce((sum, count) => sum + count, 0) / 100;
}
