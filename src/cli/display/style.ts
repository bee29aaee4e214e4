import picocolors from 'picocolors';

/** How a display may draw: colours, and characters beyond ASCII. */
export interface Style {
  colours: ReturnType<typeof picocolors.createColors>;
  marks: { done: string; failed: string; pending: string; skipped: string };
  spinner: readonly string[];
  ellipsis: string;
  separator: string;
}

/** Colours only on a terminal and without NO_COLOR; ASCII where the locale is not UTF-8. */
export function chooseStyle(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Style {
  const colours = picocolors.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
  const unicode = /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
  return unicode
    ? {
        colours,
        marks: { done: '✓', failed: '✗', pending: '·', skipped: '-' },
        spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
        ellipsis: '…',
        separator: ' · ',
      }
    : {
        colours,
        marks: { done: '+', failed: 'x', pending: '.', skipped: '-' },
        spinner: ['-', '\\', '|', '/'],
        ellipsis: '..',
        separator: ' | ',
      };
}
