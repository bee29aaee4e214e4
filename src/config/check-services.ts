import type { SettingsFinding } from '../model/settings/settings.ts';
import { type Check, isGiven, report, warn } from './checking.ts';
import { dotted } from './issues.ts';
import type { Path } from './source.ts';

/** Says what services find wrong in their settings beside others, where the user gives them. */
export function checkServices(check: Check, findings: readonly SettingsFinding[]): void {
  for (const { path, beside, level, message, next } of findings) {
    if (!isGiven(check, path) || !check.isSound(path)) continue;
    const text = `${dotted(path)} ${message}${beside ? placeOf(check, beside) : ''}`;
    if (level === 'warning') warn(check, 'config.no-effect', path, text, next);
    else report(check, 'config.invalid-value', path, text, { at: 'key', next });
  }
}

function placeOf({ source }: Check, path: Path): string {
  const { file, line, column } = source.valuePlace(path);
  return source.has(path) ? ` (${file}:${line}:${column})` : '';
}
