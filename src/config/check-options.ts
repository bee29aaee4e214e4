import { requireKnown } from './check-names.ts';
import { type Check, report, warn } from './checking.ts';
import type { Known, OsloOption, OsloOptions } from './known.ts';
import { listNames, nearestName, oneOf, suggest } from './nearest.ts';
import { explainOptionValue } from './option-value.ts';
import type { OptionValue } from './schema.ts';

/** Checks options of configuration files against what the services' own code declares. */
export function checkOptions(check: Check, known: Known): void {
  const files = Object.keys(check.config.config);
  const valid = Object.keys(known.configFiles);
  for (const file of requireKnown(check, {
    path: ['config'],
    names: files,
    kind: 'configuration file',
    valid,
  })) {
    const options = known.configFiles[file];
    if (!options) warnUnchecked(check, known, file);
    for (const [group, given] of Object.entries(check.config.config[file] ?? {})) {
      const sound = checkText(check, file, group, given);
      if (!options) continue;
      const declared = ownValue(options, group) ?? options['*'];
      if (declared) checkGroup(check, { file, group, declared, options, known }, sound);
      else reportGroup(check, known, file, group, options);
    }
  }
}

function warnUnchecked(check: Check, { optionData }: Known, file: string): void {
  const message = `the options of ${file} in ${check.config.release} are not known, and not checked`;
  const next = optionData?.[file] && `Have ${optionData[file]} written by "npm run options".`;
  warn(check, 'config.options-unchecked', ['config', file], message, next);
}

/** What a name must be to stand in a line of its own: `[group]`, `option = value`. */
const GROUP = /^[^\s[\]=:#;][^\s[\]=]*$/;
const NAME = /^[^\s[\]=:#;][^\s[\]=:]*$/;
/** All but tab and line feed: some end a line of the file for who reads it, the others no editor shows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]/;

/** Files of options have lines: nothing in a name or a value may begin one that was not meant. Returns what is right. */
function checkText(
  check: Check,
  file: string,
  group: string,
  given: Record<string, OptionValue>,
): Record<string, OptionValue> {
  const at = ['config', file, group];
  const reportName = (kind: string, name: string, path: string[]): void => {
    const message = `${JSON.stringify(name)} cannot be the name of ${kind}`;
    report(check, 'config.invalid-name', path, message, { at: 'key' });
  };
  if (!GROUP.test(group)) reportName('a group', group, at);
  const isSound = ([name, value]: [string, OptionValue]): boolean => {
    const path = [...at, name];
    const wrong = [value].flat().map(String).map(explainText).find(Boolean);
    if (!NAME.test(name)) reportName('an option', name, path);
    if (wrong) report(check, 'config.invalid-option', path, `${name} in [${group}] of ${file} ${wrong}`);
    return NAME.test(name) && wrong === undefined;
  };
  return Object.fromEntries(Object.entries(given).filter(isSound));
}

function explainText(text: string): string | undefined {
  const [control] = CONTROL.exec(text) ?? [];
  if (control === '\r') return 'has a carriage return in it; lines of a value end with a line feed alone';
  if (control !== undefined) return `has the control character ${escapeOf(control)} in it`;
  if (/\n[ \t]*\n/.test(text.trimEnd())) return 'has an empty line in it, which would end the value';
  return undefined;
}

function escapeOf(control: string): string {
  return `U+${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

interface GroupOfFile {
  file: string;
  group: string;
  declared: Record<string, OsloOption>;
  options: OsloOptions;
  known: Known;
}

function reportGroup(check: Check, known: Known, file: string, group: string, options: OsloOptions): void {
  const groups = Object.keys(options);
  const others = mainFiles(filesWith(known, (other) => ownValue(other, group) !== undefined));
  const hint = others.length > 0 ? `; it belongs to ${oneOf(others)}` : suggest(group, groups);
  const why = hint === '' ? listNames(`Groups of ${file}`, groups) : undefined;
  const message = `unknown group [${group}] in ${file}${hint}`;
  report(check, 'config.unknown-group', ['config', file, group], message, { at: 'key', why });
}

function checkGroup(check: Check, at: GroupOfFile, given: Record<string, OptionValue>): void {
  for (const [name, value] of Object.entries(given)) {
    const path = ['config', at.file, at.group, name];
    const option = ownValue(at.declared, name) ?? at.declared['*'];
    if (!option) {
      report(check, 'config.unknown-option', path, describeUnknown(at, name), { at: 'key' });
      continue;
    }
    const wrong = explainOptionValue(option, value);
    if (wrong) {
      report(check, 'config.invalid-option', path, `${name} in [${at.group}] of ${at.file} ${wrong}`);
    }
    if (option.deprecatedFor !== undefined) {
      const message = `${name} in [${at.group}] of ${at.file} is a former name`;
      warn(check, 'config.former-option', path, message, `Use ${option.deprecatedFor} instead.`);
    }
  }
}

/** More places than these would not help. */
const MAX_PLACES = 3;

/**
 * Where an option of this name is: in another group of the file, or in another file; else the nearest option of the
 * group; of a former name, the one that took its place.
 */
function describeUnknown({ file, group, declared, options, known }: GroupOfFile, name: string): string {
  const message = `unknown option "${name}" in [${group}] of ${file}`;
  const elsewhere = groupsWith(options, name);
  if (elsewhere.length > 0 && elsewhere.length <= MAX_PLACES) {
    return `${message}; it belongs to ${oneOf(elsewhere.map((other) => `[${other}]`))}`;
  }
  const nearest = nearestName(name, Object.keys(declared));
  const ofOthers = elsewhere.length > 0 ? [] : placesInOthers(known, group, name);
  if (ofOthers.length > 0 && ofOthers.length <= MAX_PLACES) {
    return `${message}; it belongs to ${oneOf(ofOthers)}`;
  }
  if (nearest === undefined) return message;
  return `${message}; did you mean "${declared[nearest]?.deprecatedFor ?? nearest}"?`;
}

/** Files with the option in a group of the same name, or else in another one. */
function placesInOthers(known: Known, group: string, name: string): string[] {
  const same = filesWith(known, (options) => ownValue(options[group] ?? {}, name) !== undefined);
  if (same.length > 0) return mainFiles(same);
  return mainFiles(filesWith(known, (options) => groupsWith(options, name).length > 0)).flatMap((file) =>
    groupsWith(known.configFiles[file] ?? {}, name).map((other) => `[${other}] of ${file}`),
  );
}

/** Programs beside a service share its options: of `neutron.conf` and `neutron_AGENT.ini` the first is meant. */
function mainFiles(files: readonly string[]): string[] {
  const stem = (file: string): string => file.replace(/(-api)?\.[a-z]+$/, '');
  return files.filter((file) => !files.some((other) => file.startsWith(`${stem(other)}_`)));
}

function groupsWith(options: OsloOptions, name: string): string[] {
  return Object.keys(options).filter((group) => ownValue(options[group] ?? {}, name));
}

function filesWith({ configFiles }: Known, isRight: (options: OsloOptions) => boolean): string[] {
  return Object.keys(configFiles).filter((file) => isRight(configFiles[file] ?? {}));
}

function ownValue<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) && key !== '*' ? record[key] : undefined;
}
