/** How busy this machine's processors are with a cloud that does nothing; all else that runs counts too. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const WINDOWS = 5;
const WINDOW_SECONDS = 20;
/** proc_stat(5): columns of the first line that are not work. */
const RESTING = ['idle', 'iowait', 'steal'];
const COLUMNS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];

/** Prints minimum, median and maximum over windows of time, in percent of one core. */
export async function benchIdle(say: (text: string) => void): Promise<void> {
  const shares: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    const [before, started] = [await workedSeconds(), performance.now()];
    await sleep(WINDOW_SECONDS * 1000);
    const seconds = (performance.now() - started) / 1000;
    shares.push((100 * ((await workedSeconds()) - before)) / seconds);
  }
  shares.sort((a, b) => a - b);
  const shown = [shares[0], shares[Math.floor(WINDOWS / 2)], shares.at(-1)].map((share) => share?.toFixed(1));
  say(`processors at work: ${shown.join(' / ')} % of one core`);
  say(`(minimum / median / maximum of ${WINDOWS} times ${WINDOW_SECONDS} s)`);
}

/** Since the machine started; the kernel counts in hundredths. */
async function workedSeconds(): Promise<number> {
  const [, ...counts] = (await readFile('/proc/stat', 'utf8')).split('\n')[0]?.trim().split(/\s+/) ?? [];
  const worked = COLUMNS.map((column, index) => (RESTING.includes(column) ? 0 : Number(counts[index])));
  return worked.reduce((sum, count) => sum + count, 0) / 100;
}
