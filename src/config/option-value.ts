import { isIP } from 'node:net';
import type { OsloOption } from './known.ts';
import { oneOf, suggest } from './nearest.ts';
import type { OptionValue } from './schema.ts';

/** What oslo.config takes for a boolean, in any case (oslo_config.types.Boolean). */
const BOOLEANS = ['true', '1', 'on', 'yes', 'false', '0', 'off', 'no'];
const INTEGER = /^[+-]?\d+(_\d+)*$/;
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Why oslo.config would refuse the value, completing "<option> ...", or undefined where it takes it. A value that
 * refers to another option (`$my_ip`) is known only to the service.
 */
export function explainOptionValue(option: OsloOption, value: OptionValue): string | undefined {
  if (!Array.isArray(value)) return explainScalar(option, String(value));
  const isListed = option.multi === true || ['list', 'dict', 'multi'].includes(option.type);
  if (!isListed) return 'must be a single value, not a list';
  return value.map((item) => explainScalar(option, String(item))).find((wrong) => wrong !== undefined);
}

function explainScalar(option: OsloOption, text: string): string | undefined {
  if (/\$\w|\$\{/.test(text)) return undefined;
  return explainType(option, text) ?? explainChoice(option, text);
}

function explainType(option: OsloOption, text: string): string | undefined {
  switch (option.type) {
    case 'boolean':
      return BOOLEANS.includes(text.toLowerCase()) ? undefined : `must be true or false, not "${text}"`;
    case 'integer':
      return INTEGER.test(text) ? explainRange(option, text) : `must be a whole number, not "${text}"`;
    case 'float':
      return FLOAT.test(text) ? explainRange(option, text) : `must be a number, not "${text}"`;
    case 'port':
      return INTEGER.test(text)
        ? explainRange({ ...option, min: option.min ?? 0, max: option.max ?? 65_535 }, text)
        : `must be a port number, not "${text}"`;
    case 'address':
      return isIP(text) ? undefined : `must be an IP address, not "${text}"`;
    case 'dict':
      return text.split(',').every((item) => item.trim() === '' || item.includes(':'))
        ? undefined
        : `must be name:value pairs, not "${text}"`;
    default:
      return undefined;
  }
}

function explainRange({ min, max }: OsloOption, text: string): string | undefined {
  const value = Number(text.replaceAll('_', ''));
  const below = min !== undefined && value < min;
  const above = max !== undefined && value > max;
  if (!below && !above) return undefined;
  if (min !== undefined && max !== undefined) return `must be from ${min} to ${max}, not ${text}`;
  return below ? `must be at least ${min}, not ${text}` : `must be at most ${max}, not ${text}`;
}

function explainChoice(option: OsloOption, text: string): string | undefined {
  const choices = option.choices?.map((choice) => String(choice ?? '')) ?? [];
  if (choices.length === 0) return undefined;
  const items = option.type === 'list' ? text.split(',').map((item) => item.trim()) : [text];
  const wrong = items.find((item) => !choices.includes(item));
  if (wrong === undefined) return undefined;
  return `must be ${oneOf(choices.map((choice) => choice || '(empty)'))}, not "${wrong}"${suggest(wrong, choices)}`;
}
