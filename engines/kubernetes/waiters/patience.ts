import type { Clock } from '../../../src/model/clock.ts';

/** As many limits is the longest that anything is waited for, whatever moves meanwhile. */
const AT_MOST = 10;

/**
 * A limit that ends a wait when nothing moves, not when it takes long: a busy cluster removes one thing after another.
 * From half of the limit on, what moves is looked at once every half of it, and as long as that is not as it was the
 * last time, the wait goes on. So one where nothing moves ends after the limit.
 */
export class Patience {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #started: number;
  readonly #half: number;
  readonly #readMark: () => Promise<string>;
  #next: number;
  #mark: string | undefined;

  /**
   * @param limit seconds
   * @param readMark what moves, as a text that is another one whenever it has
   */
  constructor(clock: Pick<Clock, 'now'>, limit: number, readMark: () => Promise<string>) {
    this.#clock = clock;
    this.#started = clock.now();
    this.#half = (limit * 1000) / 2;
    this.#next = this.#started + this.#half;
    this.#readMark = readMark;
  }

  /** Seconds since the wait began. */
  get waited(): number {
    return Math.round((this.#clock.now() - this.#started) / 1000);
  }

  /** Whether there is no use in waiting any longer. */
  async isOver(): Promise<boolean> {
    const now = this.#clock.now();
    if (now < this.#next) return false;
    if (now >= this.#started + this.#half * 2 * AT_MOST) return true;
    const mark = await this.#readMark();
    if (mark === this.#mark) return true;
    this.#mark = mark;
    this.#next = now + this.#half;
    return false;
  }
}
