import type { Finding } from '../volumes/compare.ts';
import { formatTable } from './table.ts';

/** What is wrong with volumes, a row each: what was seen, and below it what is done about it. */
export function formatFindings(findings: readonly Finding[]): string {
  const rows = findings.map(({ volume, server, seen, next, mends }) => [
    volume ? volume.name || volume.id : '-',
    server?.name ?? '-',
    `${seen}; ${mends.length > 0 ? `repair: ${next}` : next}`,
  ]);
  return formatTable(['VOLUME', 'SERVER', { title: 'WHAT', wraps: true }], rows);
}
