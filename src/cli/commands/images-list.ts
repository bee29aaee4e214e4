import { loadConfigured } from '../../cloud/configured.ts';
import { openImages } from '../../cloud/image-tools.ts';
import { ExitCode } from '../../errors.ts';
import { listImages } from '../../images/list.ts';
import { formatSize } from '../../model/settings/units.ts';
import type { Command } from '../command.ts';
import { type Column, formatTable } from '../table.ts';

const columns: Column[] = [
  'IMAGE',
  { title: 'BASE', spare: 2 },
  { title: 'REFERENCE', spare: 4 },
  { title: 'VERSIONS', spare: 1 },
  { title: 'OWN', spare: 3 },
  'SIZE',
  { title: 'WHAT IT IS', wraps: true },
];

export const run: Command<'images list'> = async (options) => {
  const { docker, graph } = await openImages(await loadConfigured(options));
  const list = await listImages(docker, graph);
  if (options.output === 'json') {
    process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    return ExitCode.done;
  }
  const rows = list.images.map(({ name, base, reference, built, summary }) => [
    name,
    base ?? '',
    reference,
    built ? built.versions.join(', ') : 'not built',
    built ? mebibytes(built.ownSize) : '',
    built ? mebibytes(built.size) : '',
    summary,
  ]);
  process.stdout.write(
    `${formatTable(columns, rows)}\n\n` +
      `${mebibytes(list.totalSize)} unpacked, shared layers counted once\n`,
  );
  return ExitCode.done;
};

function mebibytes(bytes: number): string {
  return formatSize(Math.round(bytes / 2 ** 20) * 2 ** 20);
}
