import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import type { Display, DisplayStream } from './contract.ts';
import { renderFrame } from './frame.ts';
import { createLines } from './lines.ts';
import { describeOutcome } from './outcome.ts';
import type { Style } from './style.ts';
import { showTransfers } from './transfers.ts';
import { createView, updateView } from './view.ts';

const REDRAW_INTERVAL = 100;
const UP_AND_ERASE = '\u001b[1A\u001b[2K';

/**
 * A frame that is drawn over again while the run goes on; the terminal keeps its last state. log-update hides
 * the cursor and puts it back at the end, also when a signal ends the program.
 */
export function createTerminalDisplay(stream: DisplayStream, style: Style, clock: () => number): Display {
  const view = createView();
  const lines = createLines(style);
  const showTransfer = showTransfers(stream, 'one line');
  const update = createLogUpdate(stream as NodeJS.WritableStream);
  let drawn: string[] = [];
  let timer: NodeJS.Timeout | undefined;

  const draw = () => {
    drawn = renderFrame(view, stream.columns ?? 80, stream.rows ?? 24, clock(), style);
    update(drawn.join('\n'));
  };
  const resize = () => {
    // Most terminals break lines anew when they get narrower: the frame then covers more lines than it had.
    const columns = stream.columns ?? 80;
    const extra = drawn.reduce(
      (sum, line) => sum + Math.max(0, Math.ceil(stringWidth(line) / columns) - 1),
      0,
    );
    update.clear();
    stream.write(UP_AND_ERASE.repeat(extra));
    draw();
  };
  const print = (texts: readonly string[]) => {
    if (texts.length === 0) return;
    if (timer) update.clear();
    for (const text of texts) stream.write(`${text}\n`);
    if (timer) draw();
  };
  const stop = () => {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    stream.off('resize', resize);
    update.done();
  };

  return {
    onEvent(event) {
      updateView(view, event);
      if (event.type === 'run.started') {
        stop();
        timer = setInterval(draw, REDRAW_INTERVAL);
        stream.on('resize', resize);
        draw();
      } else if (event.type === 'run.finished') {
        draw();
        stop();
        for (const line of describeOutcome(view, style)) stream.write(`${line}\n`);
      } else {
        print(lines(event));
        showTransfer(event);
      }
    },
    close: stop,
  };
}
