import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stripVTControlCharacters } from 'node:util';

/** One message of the engine's build, pull, push and import calls. */
export interface EngineMessage {
  /** Output of a build. */
  stream?: string;
  status?: string;
  /** Layer that the status is about. */
  id?: string;
  progressDetail?: { current?: number; total?: number };
  aux?: { ID?: string; Digest?: string };
  error?: string;
}

/** The messages of a call as they arrive; the engine sends one JSON object per line. */
export async function* readMessages(body: NodeJS.ReadableStream): AsyncGenerator<EngineMessage> {
  // readline alone would wait for ever on a connection that closes without an end, and hide one that fails.
  const input = new PassThrough();
  const received = pipeline(body, input);
  received.catch(() => undefined);
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') yield JSON.parse(line) as EngineMessage;
  }
  await received;
}

/** Puts the pieces of output that builds send together to lines without colours. */
export class LineAssembler {
  #rest = '';
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(piece: string): void {
    const lines = (this.#rest + stripVTControlCharacters(piece)).split(/\r?\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.#onLine(line);
  }

  end(): void {
    this.write('\n');
  }
}

/** Whether a call of the engine failed because the object is not there. */
export function isMissing(thrown: unknown): boolean {
  return (thrown as { statusCode?: unknown }).statusCode === 404;
}
