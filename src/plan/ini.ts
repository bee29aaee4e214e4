import type { RenderedOption, RenderedSections } from '../model/oslo.ts';
import { compareText } from './graph.ts';

const INI_NAME = /\.(conf|ini|cnf)$/;
const SECTION = /^\[(?<section>[^\]]+)\]\s*$/;
const SETTING = /^(?<key>[^\s=:#;[][^=:]*?)\s*[=:]\s*(?<value>.*)$/;
const BARE_KEY = /^[\w.-]+$/;

/** Whether a file of this name may be in INI form; what it holds decides in the end. */
export function looksLikeIni(path: string): boolean {
  return INI_NAME.test(path);
}

/**
 * Keys that differ between an INI text and another, or what another was rendered from, as `[section] key`, sorted,
 * DEFAULT first; never their values. Undefined where one of them is not in INI form (oslo.config's: repeated keys,
 * indented continuation lines).
 */
export function changedIniKeys(before: string, after: string | RenderedSections): string[] | undefined {
  const old = parseIni(before);
  const wanted = typeof after === 'string' ? parseIni(after) : readRendered(after);
  if (!old || !wanted) return undefined;
  const names = new Set([...old.keys(), ...wanted.keys()]);
  return [...names].filter((name) => old.get(name) !== wanted.get(name)).sort(compareKeys);
}

/** Values by `[section] key`, undefined where the text is not in INI form; a repeated key's values are joined in order. */
function parseIni(text: string): Map<string, string> | undefined {
  const values = new Map<string, string>();
  let prefix = '';
  let current: string | undefined;
  const add = (name: string, value: string) => {
    const previous = values.get(name);
    values.set(name, previous === undefined ? value : `${previous}\n${value}`);
  };
  for (const line of text.split('\n')) {
    if (line.trim() === '' || /^\s*[#;]/.test(line)) continue;
    const section = SECTION.exec(line)?.groups?.section;
    const setting = SETTING.exec(line)?.groups;
    if (section !== undefined) {
      prefix = `[${section}] `;
      current = undefined;
    } else if (/^\s/.test(line)) {
      if (current === undefined) return undefined;
      add(current, line.trim());
    } else if (setting?.key !== undefined) {
      current = prefix + setting.key;
      add(current, (setting.value ?? '').trim());
    } else if (BARE_KEY.test(line.trim())) {
      current = prefix + line.trim();
      add(current, '');
    } else {
      return undefined;
    }
  }
  return values;
}

/** The values that `parseIni` would find in the text of these sections. */
function readRendered(sections: RenderedSections): Map<string, string> {
  return new Map(
    Object.entries(sections).flatMap(([group, options]) =>
      Object.entries(options).map(
        ([option, { value }]) => [`[${group}] ${option}`, readValue(value)] as const,
      ),
    ),
  );
}

/** Further lines of a value are told by their indent: blank ones, and what looks like a comment there, are nothing. */
function readValue(value: RenderedOption['value']): string {
  const lines = [value].flat().flatMap((one) => {
    const [first = '', ...more] = String(one)
      .split(/\r\n|\r|\n/)
      .map((line) => line.trim());
    return [first, ...more.filter((line) => line !== '' && !/^[#;]/.test(line))];
  });
  return lines.join('\n');
}

function compareKeys(a: string, b: string): number {
  const rank = (name: string) => (name.startsWith('[DEFAULT]') ? 0 : 1);
  return rank(a) - rank(b) || compareText(a, b);
}
