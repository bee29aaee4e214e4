import type { Display, DisplayStream } from './contract.ts';
import { createJsonDisplay } from './json.ts';
import { createPlainDisplay } from './plain.ts';
import { chooseStyle } from './style.ts';
import { createTerminalDisplay } from './terminal.ts';

export type DisplayMode = 'auto' | 'plain' | 'json';

const REMIND_INTERVAL = 1000;

/**
 * The display for a stream. `auto` draws a live frame on a terminal, and plain lines where there is none, where
 * it cannot move its cursor (TERM=dumb) or where the output is a log (CI). `clock` is the one that stamps the
 * events, in milliseconds.
 */
export function createDisplay(
  mode: DisplayMode,
  stream: DisplayStream,
  env: NodeJS.ProcessEnv,
  clock: () => number = () => performance.now(),
): Display {
  return withoutRepetition(chooseDisplay(mode, stream, env, clock));
}

function chooseDisplay(
  mode: DisplayMode,
  stream: DisplayStream,
  env: NodeJS.ProcessEnv,
  clock: () => number,
): Display {
  if (mode === 'json') return createJsonDisplay(stream);
  const style = chooseStyle(stream, env);
  if (mode === 'auto' && isLive(stream, env)) return createTerminalDisplay(stream, style, clock);
  const plain = createPlainDisplay(stream, style);
  const timer = setInterval(() => plain.remind(clock()), REMIND_INTERVAL).unref();
  return { onEvent: plain.onEvent, close: () => clearInterval(timer) };
}

/** Warns of one topic once: a command may open its cloud more than once. */
function withoutRepetition({ onEvent, close }: Display): Display {
  const said = new Set<string>();
  return {
    onEvent(event) {
      if (event.type === 'notice' && event.level === 'warning') {
        const { topic = event.text } = event;
        if (said.has(topic)) return;
        said.add(topic);
      }
      onEvent(event);
    },
    close,
  };
}

function isLive(stream: DisplayStream, env: NodeJS.ProcessEnv): boolean {
  const isCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  return stream.isTTY === true && !isCi && env.TERM !== 'dumb';
}
