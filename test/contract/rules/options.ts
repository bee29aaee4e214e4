import type { OsloOptions } from '../../../src/config/known.ts';
import { explainOptionValue } from '../../../src/config/option-value.ts';

/** What is wrong with the options of a file in oslo.config's format, by its option data. */
export function findWrongOptions(content: string, options: OsloOptions): string[] {
  let group = 'DEFAULT';
  return content.split('\n').flatMap((line) => {
    const heading = /^\[(.+)\]$/.exec(line)?.[1];
    if (heading !== undefined) group = heading;
    const [, name, value] = /^(\w[^=]*?) = (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const declared = options[group] ?? options['*'];
    const option = declared?.[name] ?? declared?.['*'];
    if (!option) return [`[${group}] ${name} does not exist`];
    const why = explainOptionValue(option, value);
    return [
      ...(why ? [`[${group}] ${name} ${why}`] : []),
      ...(option.deprecatedFor ? [`[${group}] ${name} is now ${option.deprecatedFor}`] : []),
    ];
  });
}
