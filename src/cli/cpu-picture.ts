import type { NodeShares } from '../cloud/resources.ts';
import { formatCpuList, parseCpuList } from '../model/cpu-list.ts';
import { type Column, formatTable } from './table.ts';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
/** Of those who come after the last letter. */
const FURTHER = '#';
const SEVERAL = '+';
const NOBODY = '.';
const MOST_NAMES = 5;
const GROUP = 8;
/** Groups of a line at most: wide terminals show no more, so that a picture is the same everywhere. */
const MOST_GROUPS = 8;

/**
 * A node's CPUs as a line for each of its NUMA nodes, where each CPU is the letter of what it serves, in the column of its
 * number; and what the letters mean.
 */
export function drawNode(node: NodeShares, width = 80): string {
  const { shares, elsewhere } = node;
  const letters = shares.map((_, index) => LETTERS[index] ?? FURTHER);
  const owners = new Map<number, string>();
  shares.forEach(({ cpus }, index) => {
    for (const cpu of parseCpuList(cpus) ?? []) {
      owners.set(cpu, owners.has(cpu) ? SEVERAL : (letters[index] as string));
    }
  });
  const used = new Set(node.cpus.map((cpu) => owners.get(cpu) ?? NOBODY));
  const columns: Column[] = ['', 'CPUS', { title: 'KEPT FOR', wraps: true }];
  const free = node.cpus.filter((cpu) => !owners.has(cpu));
  const rows = [
    ...shares.map(({ cpus, whose }, index) => [letters[index] ?? '', cpus, nameAll(whose)]),
    ...(used.has(SEVERAL) ? [[SEVERAL, '', 'several of these']] : []),
    ...(free.length > 0 ? [[NOBODY, formatCpuList(free), 'nobody']] : []),
  ];
  const anywhere = [
    ...(elsewhere.processes > 0
      ? [elsewhere.processes === 1 ? '1 process' : `${elsewhere.processes} processes`]
      : []),
    ...elsewhere.others,
  ].join(' and ');
  return [
    drawLines(node, owners, width),
    formatTable(columns, rows, width),
    ...(anywhere === '' ? [] : [`Kept nowhere: ${anywhere}, on any CPU that the node lets them have.`]),
  ].join('\n\n');
}

/** The first ones of many: who they all are, the table of processes says. */
function nameAll(whose: readonly string[]): string {
  if (whose.length <= MOST_NAMES) return whose.join(', ');
  const named = whose.slice(0, MOST_NAMES - 1);
  return `${named.join(', ')} and ${whose.length - named.length} more`;
}

function drawLines(
  { cpus, numaNodes }: Pick<NodeShares, 'cpus' | 'numaNodes'>,
  owners: ReadonlyMap<number, string>,
  width: number,
): string {
  const lines =
    numaNodes.length > 0
      ? numaNodes.map((one) => ({ title: `NUMA ${one.number}`, cpus: new Set(one.cpus) }))
      : [{ title: '', cpus: new Set(cpus) }];
  const online = new Set(cpus);
  const titles = Math.max('CPU'.length, ...lines.map(({ title }) => title.length));
  const room = Math.floor((width - titles - 1) / (GROUP + 1));
  const groups = Math.min(MOST_GROUPS, Math.max(1, room));
  const parts: string[] = [];
  for (let start = 0; start <= (cpus.at(-1) ?? 0); start += groups * GROUP) {
    const starts = Array.from({ length: groups }, (_, index) => start + index * GROUP);
    const letterOf = (cpu: number, own: ReadonlySet<number>): string =>
      online.has(cpu) && own.has(cpu) ? (owners.get(cpu) ?? NOBODY) : ' ';
    const drawn = lines.map(({ title, cpus: own }) => ({
      title,
      text: starts
        .map((first) =>
          numbersFrom(first)
            .map((cpu) => letterOf(cpu, own))
            .join(''),
        )
        .join(' '),
    }));
    const seen = drawn.filter(({ text }) => text.trim() !== '');
    if (seen.length === 0) continue;
    const last = Math.max(...seen.map(({ text }) => text.trimEnd().length));
    const ruler = starts
      .map((first) => `${first}`.padEnd(GROUP))
      .join(' ')
      .slice(0, last);
    parts.push(
      [{ title: 'CPU', text: ruler }, ...seen]
        .map(({ title, text }) => `${title.padEnd(titles)}  ${text}`.trimEnd())
        .join('\n'),
    );
  }
  return parts.join('\n');
}

function numbersFrom(first: number): number[] {
  return Array.from({ length: GROUP }, (_, index) => first + index);
}
