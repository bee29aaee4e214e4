import type { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';

/**
 * Has a terminal hand on its keys as they are pressed, Ctrl-C too, and show none of them: the terminal that a command has in
 * its container does both, or does not, as for passwords. Returns what ends that; of what is no terminal nothing changes.
 */
export function handOnKeys(stdin: Readable | string | undefined): () => void {
  const terminal = stdin as Partial<ReadStream> | undefined;
  if (terminal?.isTTY !== true || terminal.setRawMode === undefined) return () => {};
  const before = terminal.isRaw === true;
  terminal.setRawMode(true);
  return () => void terminal.setRawMode?.(before);
}
