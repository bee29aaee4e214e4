import { GantryError } from '../errors.ts';

/** A node of a dependency graph; `dependsOn` names nodes that come first. */
export interface GraphNode {
  id: string;
  dependsOn: readonly string[];
}

/** Order of strings by code unit: the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The nodes with dependencies first; among free nodes the smaller id comes first, so the order depends on
 * the graph alone. Throws GantryError `plan.unknown-dependency` or `plan.cycle`, both bugs of whoever made it.
 */
export function sortByDependencies<T extends GraphNode>(nodes: readonly T[]): T[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const missing = new Map<string, number>();
  const dependents = dependentsOf(nodes);
  for (const node of nodes) {
    for (const id of node.dependsOn) {
      if (!byId.has(id)) throw unknownDependency(node.id, id);
    }
    missing.set(node.id, new Set(node.dependsOn).size);
  }
  const free = nodes.filter((node) => node.dependsOn.length === 0).map((node) => node.id);
  free.sort(compareText);
  const sorted: T[] = [];
  for (let id = free.shift(); id !== undefined; id = free.shift()) {
    sorted.push(byId.get(id) as T);
    for (const dependent of dependents.get(id) ?? []) {
      const left = (missing.get(dependent) as number) - 1;
      missing.set(dependent, left);
      if (left === 0) insertSorted(free, dependent);
    }
  }
  if (sorted.length < byId.size) throw cycleError(findCycle(nodes));
  return sorted;
}

/** For each id, the ids of the nodes that depend on it directly. */
export function dependentsOf(nodes: readonly GraphNode[]): Map<string, string[]> {
  const dependents = new Map<string, string[]>(nodes.map((node) => [node.id, []]));
  for (const node of nodes) {
    for (const id of new Set(node.dependsOn)) dependents.get(id)?.push(node.id);
  }
  return dependents;
}

function insertSorted(ids: string[], id: string): void {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] as string) < id) low = middle + 1;
    else high = middle;
  }
  ids.splice(low, 0, id);
}

/** One cycle of a graph that has one, as the ids along it. */
function findCycle(nodes: readonly GraphNode[]): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | undefined => {
    const start = path.indexOf(id);
    if (start >= 0) return path.slice(start);
    if (finished.has(id)) return undefined;
    path.push(id);
    for (const next of byId.get(id)?.dependsOn ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    finished.add(id);
    return undefined;
  };
  for (const node of nodes) {
    const cycle = visit(node.id);
    if (cycle) return cycle;
  }
  return [];
}

function cycleError(cycle: string[]): GantryError {
  return new GantryError({
    code: 'plan.cycle',
    whose: 'bug',
    message: `A dependency cycle: ${[...cycle, cycle[0]].join(' needs ')}.`,
    why: 'Each waits for the next, so none of them could ever start.',
    next: 'Take one of these dependencies out of the catalogue.',
  });
}

/** Thrown by whoever finds that something depends on what is not there. */
function unknownDependency(dependent: string, dependency: string): GantryError {
  return new GantryError({
    code: 'plan.unknown-dependency',
    whose: 'bug',
    message: `${dependent} depends on ${dependency}, which does not exist in this cloud.`,
    next: 'Correct the name in the catalogue, or leave the dependency out where that service is off.',
  });
}
