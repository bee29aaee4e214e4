import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../src/errors.ts';
import type { Need } from '../suites.ts';
import { differences } from './cluster-state.ts';
import type { Commands } from './command.ts';
import { inOrder, type Provision } from './needs.ts';
import { checked, type Total } from './total.ts';

/** What of the needs of suites is there in a run. */
export class Provided {
  /** Whether what was tried is there. */
  readonly #tried = new Map<Need, boolean>();

  constructor(
    private readonly all: Record<Need, Provision>,
    private readonly commands: Commands,
    private readonly total: Total,
    private readonly say: (what: string) => void,
  ) {}

  /** Brings what is not there yet. Resolves to what of it failed, undefined where all is there. */
  async bring(needs: readonly Need[]): Promise<string | undefined> {
    for (const need of inOrder(needs, this.all)) {
      const { what, command } = this.all[need];
      if (!this.#tried.has(need)) {
        this.say(what);
        const running = this.commands.run(command).then((code) => checked(what, code === 0));
        this.#tried.set(need, (await this.total.add(what, running)).failed === 0);
      }
      if (!this.#tried.get(need)) return what;
    }
    return undefined;
  }

  /**
   * Remembers how these are. What this resolves to tells what has become different, and lets it be made anew for the
   * next suite: its state is not known any more.
   */
  async remember(needs: readonly Need[]): Promise<() => Promise<string[]>> {
    const before = new Map<Need, string[]>();
    for (const need of needs) before.set(need, await this.#look(need));
    return async () => {
      const left: string[] = [];
      for (const [need, found] of before) {
        const different = await this.#differences(need, found);
        if (different.length > 0) await this.#end(need);
        left.push(...different);
      }
      return left;
    };
  }

  /** Takes away what is there and costs. */
  async end(): Promise<void> {
    for (const need of [...this.#tried.keys()].reverse()) await this.#end(need);
  }

  async #end(need: Need): Promise<void> {
    const { end } = this.all[need];
    if (end === undefined) return;
    await this.commands.run(end, { always: true });
    this.#tried.delete(need);
  }

  async #differences(need: Need, before: readonly string[]): Promise<string[]> {
    // What is removed goes in its own time.
    const limit = performance.now() + (this.all[need].kept?.patienceMs ?? 0);
    for (;;) {
      const different = differences(before, await this.#look(need));
      if (different.length === 0 || this.commands.interrupted || performance.now() > limit) return different;
      await sleep(1000);
    }
  }

  async #look(need: Need): Promise<string[]> {
    try {
      return (await this.all[need].kept?.read()) ?? [];
    } catch (thrown) {
      return [`${this.all[need].what} cannot be looked at: ${messageOf(thrown)}`];
    }
  }
}
