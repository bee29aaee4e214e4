/** CPUs or NUMA nodes by number, in the list format of cpuset(7): `0-4,9`. */

/** The kernel knows no CPU of a higher number (NR_CPUS), and fewer NUMA nodes. */
const LARGEST = 8191;

/** The numbers in ascending order, each once; undefined where the text is not in the format. */
export function parseCpuList(text: string): number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    if (first === undefined) return undefined;
    const [from, to] = [Number(first), Number(last)];
    if (from > to || to > LARGEST) return undefined;
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** The shortest list of these numbers, which are in ascending order. */
export function formatCpuList(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** The same set always in the same words: how somebody wrote it replaces no container. */
export function normalCpuList(text: string): string {
  return formatCpuList(parseCpuList(text) ?? []);
}
