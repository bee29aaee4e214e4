import { type Cloud, openCloud } from '../../cloud/cloud.ts';
import { loadConfigured } from '../../cloud/configured.ts';
import { renderedFile } from '../../cloud/rendered-file.ts';
import { formatCloudConfig } from '../../config/format.ts';
import { ExitCode, usageError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { describeOrigin, formatOrigins, listOrigins } from '../file-report.ts';
import { formatTable } from '../table.ts';

export const run: Command<'config show'> = async (options, [file, workload], terminal) => {
  const configured = await loadConfigured(options);
  if (file !== undefined) {
    if (workload === undefined)
      throw usageError(`whose ${file}?`, { next: `gantry config show ${file} PROCESS` });
    const cloud = await openCloud(configured, {}, terminal);
    process.stdout.write(describeFile(cloud, { file, workload }, options));
    return ExitCode.done;
  }
  const { config, loaded } = configured;
  if (options.output === 'json') {
    process.stdout.write(
      `${JSON.stringify(options.showOrigin ? { config, origins: loaded.origins } : config, null, 2)}\n`,
    );
  } else if (options.showOrigin) {
    const rows = Object.entries(loaded.origins).map(([path, origin]) => [
      path,
      JSON.stringify(valueAt(config, path)) ?? '',
      describeOrigin(origin),
    ]);
    process.stdout.write(`${formatTable(['KEY', 'VALUE', { title: 'ORIGIN', wraps: true }], rows)}\n`);
  } else {
    process.stdout.write(formatCloudConfig(config));
  }
  return ExitCode.done;
};

/** A file as a process gets it, with nothing secret in it. */
function describeFile(
  cloud: Cloud,
  wanted: { file: string; workload: string },
  { output, showOrigin }: { output: string; showOrigin?: boolean },
): string {
  const { workload, file } = renderedFile(cloud, wanted);
  const shown = listOrigins(workload, file, cloud.loaded.origins);
  if (output === 'json') {
    const { path, content } = file;
    return `${JSON.stringify({ workload: workload.name, path, content, ...(showOrigin ? { origins: shown } : {}) }, null, 2)}\n`;
  }
  return showOrigin ? formatOrigins(file, shown) : file.content;
}

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
