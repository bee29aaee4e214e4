/**
 * Runs a command in a real terminal and keeps one moment of it as a picture:
 *   npx tsx scripts/record-terminal.ts FILE.svg PATTERN COMMAND...
 * The moment is the first at which PATTERN is on the screen. The command runs to its end.
 */
import { writeFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { Terminal } from '../test/e2e/terminal.ts';

/** Colours by the number of the control sequence that selects them (ECMA-48 SGR). */
const palette: Record<number, string> = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 36: '#79c0ff' };
const columns = 96;
const rows = 24;
const limitMs = 900_000;
const [file = '', pattern = '', ...command] = process.argv.slice(2);

const terminal = await Terminal.start(command, { columns, rows });
try {
  await terminal.waitFor(new RegExp(pattern), limitMs);
  await writeFile(file, renderScreen(await terminal.colours()));
  process.exitCode = await terminal.exitCode(limitMs);
} finally {
  await terminal.close();
}

/** A screen with its colours as SVG. */
function renderScreen(lines: string[]): string {
  const [width, height, margin] = [8.4, 19, 14];
  const texts = lines.map((line, row) => {
    let column = 0;
    const y = margin + (row + 0.75) * height;
    return spansOf(line).map(({ text, style }) => {
      const x = margin + column * width;
      column += [...text].length;
      const length = ([...text].length * width).toFixed(1);
      return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" textLength="${length}"${style}>${escapeText(text)}</text>`;
    });
  });
  const size = [columns * width + 2 * margin, lines.length * height + 2 * margin].map(Math.ceil);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(' ')}">
<title>gantry in a terminal</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" xml:space="preserve">
${texts.flat().join('\n')}
</g>
</svg>
`;
}

/** The pieces of a line that look alike. */
function spansOf(line: string): { text: string; style: string }[] {
  let [colour, bold, dim] = ['', false, false];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what the sequences begin with.
  return line.split(/(?=\u001b\[[\d;]*m)/).flatMap((piece) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
    const codes = /^\u001b\[([\d;]*)m/.exec(piece)?.[1]?.split(';').map(Number) ?? [];
    for (const code of codes) {
      if (code === 0) [colour, bold, dim] = ['', false, false];
      if (code === 1) bold = true;
      if (code === 2) dim = true;
      if (code === 22) [bold, dim] = [false, false];
      if (code === 39) colour = '';
      colour = palette[code] ?? colour;
    }
    const text = stripVTControlCharacters(piece);
    const style = `${colour && ` fill="${colour}"`}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
    return text === '' ? [] : [{ text, style }];
  });
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
