import { loadConfigured } from '../../cloud/configured.ts';
import { formatCloudConfig } from '../../config/format.ts';
import { ExitCode } from '../../errors.ts';
import type { Command } from '../command.ts';
import { formatTable } from '../table.ts';

export const run: Command<'config show'> = async (options) => {
  const { config, loaded } = await loadConfigured(options);
  if (options.output === 'json') {
    process.stdout.write(
      `${JSON.stringify(options.showOrigin ? { config, origins: loaded.origins } : config, null, 2)}\n`,
    );
  } else if (options.showOrigin) {
    const rows = Object.entries(loaded.origins).map(([path, origin]) => [
      path,
      JSON.stringify(valueAt(config, path)) ?? '',
      typeof origin === 'string' ? origin : `${origin.file}:${origin.line}:${origin.column}`,
    ]);
    process.stdout.write(`${formatTable(['KEY', 'VALUE', { title: 'ORIGIN', wraps: true }], rows)}\n`);
  } else {
    process.stdout.write(formatCloudConfig(config));
  }
  return ExitCode.done;
};

/** The value at a dotted path; keys may hold dots themselves, as file names do. */
function valueAt(value: unknown, path: string): unknown {
  if (path === '' || value === null || typeof value !== 'object') return value;
  for (const [key, inner] of Object.entries(value)) {
    if (path === key) return inner;
    if (path.startsWith(`${key}.`)) {
      const found = valueAt(inner, path.slice(key.length + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
