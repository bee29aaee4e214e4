import { basename } from 'node:path';
import type { Origin } from '../config/load.ts';
import type { RenderedOption } from '../model/oslo.ts';
import type { Job, Process, RenderedFile } from '../model/workload.ts';
import { formatTable } from './table.ts';

export interface ShownOption {
  /** `[group] option`; a line of its own where the file is not one of oslo.config. */
  line: string;
  value: string;
  /** Place in cloud.yaml, or the part of the catalogue. */
  origin: string;
}

/** Each option of a file with where it is from; each line, where only the service as a whole is known. */
export function listOrigins(
  { service }: Pick<Process | Job, 'service'>,
  { content, sections }: RenderedFile,
  origins: Record<string, Origin>,
): ShownOption[] {
  const own = `catalogue/${service}`;
  if (!sections) {
    return content
      .trimEnd()
      .split('\n')
      .map((line) => ({ line, value: '', origin: own }));
  }
  return Object.entries(sections).flatMap(([group, options]) =>
    Object.entries(options).map(([option, rendered]) => ({
      line: `[${group}] ${option}`,
      value: [rendered.value].flat().join('; '),
      origin: originOf(rendered, own, origins),
    })),
  );
}

function originOf({ setting, part }: RenderedOption, own: string, origins: Record<string, Origin>): string {
  if (setting !== undefined) return origins[setting] ? describeOrigin(origins[setting]) : setting;
  return part === undefined ? own : `catalogue/common: ${part}`;
}

export function describeOrigin(origin: Origin): string {
  return typeof origin === 'string' ? origin : `${origin.file}:${origin.line}:${origin.column}`;
}

export function formatOrigins(file: RenderedFile, shown: readonly ShownOption[]): string {
  const title = basename(file.path).toUpperCase();
  const rows = shown.map(({ line, value, origin }) => [line, value, origin]);
  return `${formatTable([title, { title: 'VALUE', wraps: true }, { title: 'ORIGIN', wraps: true }], rows)}\n`;
}
