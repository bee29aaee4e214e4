import { oneOf, suggest } from '../config/nearest.ts';
import { configError, isMapping, type Path, Source } from '../config/source.ts';
import type { GantryError } from '../errors.ts';
import { defaultNames, parseOptions, type VolumeOptions } from './options.ts';

/** /etc/gantry/volume-plugin.yaml. */
export interface Settings {
  /** Path of the file with the credential, in the form of OpenStack's clouds.yaml. */
  credentials: string;
  /** Which cloud of that file; the only one where not given. */
  cloud?: string;
  /** Nova's id of this server; what the firmware says where not given. */
  server?: string;
  /** Whether a volume is taken from a server that is off. */
  preempt: boolean;
  /** For volumes that do not say it themselves. */
  defaults: VolumeOptions;
}

const keys = ['credentials', 'cloud', 'server', 'preempt', 'defaults'] as const;
export const DEFAULT_CREDENTIALS = '/etc/gantry/clouds.yaml';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the settings; all of them may be left out. Throws the first mistake with its place in `file`. */
export function parseSettings(file: string, text: string): Settings {
  const source = new Source(file, text);
  if (source.errors[0]) throw source.errors[0];
  const { value } = source;
  const settings: Settings = { credentials: DEFAULT_CREDENTIALS, preempt: false, defaults: {} };
  if (value === undefined || value === null) return settings;
  if (!isMapping(value)) throw wrong(source, [], 'the file must be a mapping');
  for (const [key, given] of Object.entries(value)) {
    switch (key) {
      case 'credentials':
        settings.credentials = textAt(source, key, given, /^\//, 'an absolute path');
        break;
      case 'cloud':
        settings.cloud = textAt(source, key, given, /./, 'a name');
        break;
      case 'server':
        settings.server = textAt(source, key, given, UUID, 'the id of a server').toLowerCase();
        break;
      case 'preempt':
        if (typeof given !== 'boolean') throw wrong(source, [key], 'preempt must be true or false');
        settings.preempt = given;
        break;
      case 'defaults':
        settings.defaults = defaultsIn(source, given);
        break;
      default:
        throw unknown(source, [key], key, keys);
    }
  }
  return settings;
}

function defaultsIn(source: Source, given: unknown): VolumeOptions {
  if (given === null) return {};
  if (!isMapping(given)) throw wrong(source, ['defaults'], 'defaults must be a mapping');
  const defaults: VolumeOptions = {};
  for (const [name, value] of Object.entries(given)) {
    const path = ['defaults', name];
    if (!defaultNames.includes(name)) throw unknown(source, path, name, defaultNames);
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw wrong(source, path, `defaults.${name} must be text or a number`);
    }
    if (name === 'mode' && typeof value === 'number') {
      throw wrong(source, path, 'defaults.mode is octal: put it in quotes, such as "0750"');
    }
    try {
      Object.assign(defaults, parseOptions({ [name]: String(value) }));
    } catch (thrown) {
      const { message, next } = thrown as GantryError;
      throw configError(
        'config.invalid-value',
        `defaults.${message}`,
        source.valuePlace(path),
        next ? { next } : {},
      );
    }
  }
  return defaults;
}

function textAt(source: Source, key: string, given: unknown, pattern: RegExp, what: string): string {
  if (typeof given === 'string' && pattern.test(given)) return given;
  throw wrong(source, [key], `${key} must be ${what}`);
}

function wrong(source: Source, path: Path, message: string): GantryError {
  return configError('config.invalid-value', message, source.valuePlace(path));
}

function unknown(source: Source, path: Path, key: string, valid: readonly string[]): GantryError {
  const hint = suggest(key, valid);
  const next = hint ? {} : { next: `It takes ${oneOf(valid)}.` };
  return configError('config.unknown-key', `unknown key "${key}"${hint}`, source.keyPlace(path), next);
}
