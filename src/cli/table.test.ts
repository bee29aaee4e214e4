import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { type Column, foldLines, formatTable } from './table.ts';

const columns: Column[] = [
  { title: 'SERVICE', spare: 1 },
  'PROCESS',
  'STATE',
  { title: 'SINCE', spare: 2 },
  { title: 'IMAGE', spare: 3 },
  { title: 'WHY NOT', wraps: true },
];
const healthy = ['keystone', 'keystone-api', 'healthy', '2m', 'gantry/keystone:0123456789ab', ''];
const stuck = [
  'neutron',
  'neutron-ovn-metadata',
  'starting',
  '5s',
  'gantry/neutron:0123456789ab',
  'no answer on port 8775 of the metadata service yet',
];

const show = (rows: string[][], width?: number): string[] => formatTable(columns, rows, width).split('\n');

test('where there is room everything is in its column', () => {
  expect(show([healthy, stuck], 200)).toEqual([
    'SERVICE   PROCESS               STATE     SINCE  IMAGE                         WHY NOT',
    'keystone  keystone-api          healthy   2m     gantry/keystone:0123456789ab',
    'neutron   neutron-ovn-metadata  starting  5s     gantry/neutron:0123456789ab   no answer on port 8775 of the metadata service yet',
  ]);
});

test('no terminal is no limit', () => {
  expect(formatTable(columns, [stuck])).toContain('metadata service yet');
  expect(formatTable(columns, [stuck]).split('\n')).toHaveLength(2);
});

test('at 80 columns the image goes, and text is wrapped beside', () => {
  expect(show([healthy, stuck], 80)).toEqual([
    'SERVICE   PROCESS               STATE     SINCE  WHY NOT',
    'keystone  keystone-api          healthy   2m',
    'neutron   neutron-ovn-metadata  starting  5s     no answer on port 8775 of the',
    '                                                 metadata service yet',
  ]);
});

test('at 60 columns more goes', () => {
  expect(show([healthy, stuck], 60)).toEqual([
    'PROCESS               STATE     WHY NOT',
    'keystone-api          healthy',
    'neutron-ovn-metadata  starting  no answer on port 8775 of',
    '                                the metadata service yet',
  ]);
});

test('text that has no room beside goes below, and no title is wrapped', () => {
  expect(show([healthy, stuck], 36)).toEqual([
    'PROCESS               STATE',
    'keystone-api          healthy',
    'neutron-ovn-metadata  starting',
    '    no answer on port 8775 of the',
    '    metadata service yet',
  ]);
});

test('a column of text without any takes no room', () => {
  expect(show([healthy], 40)).toEqual([
    'SERVICE   PROCESS       STATE    SINCE',
    'keystone  keystone-api  healthy  2m',
  ]);
});

test('a word that is wider than its column goes below whole', () => {
  const rows = [['orchestration', 'https://cloud.example.org:8004/v1/%(project_id)s']];
  expect(formatTable(['ENDPOINT', { title: 'URL', wraps: true }], rows, 60)).toBe(
    'ENDPOINT       URL\norchestration\n    https://cloud.example.org:8004/v1/%(project_id)s',
  );
});

test('the last column of a line goes on below itself, or below the line', () => {
  const line = '  -/+ nova-metadata  config of nova-metadata changed: [uwsgi] log-format';
  expect(foldLines(`nova\n${line}\n`, 61)).toBe(
    'nova\n  -/+ nova-metadata  config of nova-metadata changed: [uwsgi]\n                     log-format\n',
  );
  expect(foldLines(line, 40)).toBe(
    '  -/+ nova-metadata\n      config of nova-metadata changed:\n      [uwsgi] log-format',
  );
  expect(foldLines(line)).toBe(line);
});

describe('whatever is in it', () => {
  const word = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'b', 'é', '日') });
  const row = fc.tuple(
    word,
    word,
    word,
    word,
    word,
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  );

  test('no word is broken, and only single words are wider than the terminal', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 20, max: 120 }), (rows, width) => {
        const lines = show(rows, width);
        const shown = new Set(lines.flatMap((line) => line.split(/ +/)));
        for (const cells of rows) {
          for (const one of [cells[1], cells[2], ...cells[5].split(' ')]) {
            expect(one === '' || shown.has(one), one).toBe(true);
          }
        }
        const kept = Math.max(7, ...rows.map(([, process]) => stringWidth(process))) + 2;
        const least = kept + Math.max(5, ...rows.map(([, , state]) => stringWidth(state)));
        const wide = lines.filter((line) => stringWidth(line) > Math.max(width, least));
        expect(wide.filter((line) => !/^ {4}\S+$/.test(line))).toEqual([]);
      }),
    );
  });
});
