import { explainAccelerator, type NodeAccelerator } from '../model/accelerator.ts';
import { formatTable } from './table.ts';

/** For `status`: one line a node; empty where there is none to tell of. */
export function formatAccelerators(nodes: readonly NodeAccelerator[]): string {
  if (nodes.length === 0) return '';
  const onNodes = nodes.some(({ node }) => node !== undefined);
  const rows = nodes.map(({ node, found }) => [
    ...(onNodes ? [node ?? ''] : []),
    found?.type ?? 'not found out yet',
    found ? explainAccelerator(found) : '',
  ]);
  return `${formatTable([...(onNodes ? ['NODE'] : []), 'SERVERS RUN WITH', { title: 'WHY', wraps: true }], rows)}\n\n`;
}
