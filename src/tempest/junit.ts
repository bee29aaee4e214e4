import type { TestResult } from './results.ts';
import { nameOfTest } from './select.ts';

/** Results in the XML that JUnit introduced and that most CI systems read. */
export function renderJunit(
  suite: string,
  results: readonly TestResult[],
  missing: readonly string[],
): string {
  const count = (result: TestResult['result']): number =>
    results.filter((one) => one.result === result).length;
  const seconds = results.reduce((sum, one) => sum + one.seconds, 0);
  const attributes = {
    name: suite,
    tests: results.length + missing.length,
    failures: count('failed'),
    errors: missing.length,
    skipped: count('skipped'),
    time: seconds.toFixed(3),
  };
  const cases = [
    ...results.map((one) => testCase(one.id, one.seconds, outcomeOf(one))),
    ...missing.map((id) => testCase(id, 0, element('error', { message: 'reported no result' }))),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuite', attributes, `\n${cases.join('\n')}\n`)}\n`;
}

function testCase(id: string, seconds: number, outcome: string): string {
  const [, classname = '', name = id] = /^(.*)\.([^.]+)$/.exec(nameOfTest(id)) ?? [];
  return element('testcase', { classname, name, time: seconds.toFixed(3) }, outcome);
}

function outcomeOf({ result, detail, report = '' }: TestResult): string {
  if (result === 'skipped') return element('skipped', { message: detail });
  if (result === 'failed') return element('failure', { message: detail }, escapeXml(report));
  return '';
}

function element(name: string, attributes: Record<string, string | number>, content = ''): string {
  const given = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeXml(String(value)).replaceAll('\n', '&#10;')}"`,
  );
  return content === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${content}</${name}>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no way to write most control characters: they are left out. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
}
