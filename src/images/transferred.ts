import type { EngineMessage } from './engine-stream.ts';

/** Adds up the bytes of the layers that one pull or push moves. */
export class TransferredBytes {
  readonly #layers = new Map<string, { current: number; total: number }>();
  readonly #onBytes: ((done: number, total: number) => void) | undefined;

  constructor(onBytes: ((done: number, total: number) => void) | undefined) {
    this.#onBytes = onBytes;
  }

  /** Takes a message of the engine; one without a layer or an amount counts for nothing. */
  add({ id, progressDetail }: EngineMessage): void {
    const { current, total } = progressDetail ?? {};
    if (!id || current === undefined || total === undefined) return;
    this.#layers.set(id, { current, total });
    const sum = (key: 'current' | 'total') =>
      [...this.#layers.values()].reduce((all, layer) => all + layer[key], 0);
    this.#onBytes?.(sum('current'), sum('total'));
  }
}
