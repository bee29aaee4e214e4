import { type Check, isGiven, report } from './checking.ts';
import { OTHERS } from './known.ts';

/** Each takes another amount: one limit for all would starve some and mean nothing to the rest. */
function checkOthers(check: Check): void {
  for (const key of ['memory', 'cpus', 'guaranteed'] as const) {
    const path = ['resources', OTHERS, key];
    if (!isGiven(check, path) || !check.isSound(path)) continue;
    const message = `resources.${OTHERS}.${key} cannot be said of all processes alike`;
    report(check, 'config.invalid-value', path, message, {
      at: 'key',
      next: `Set it for a process by its name; resources.${OTHERS} may have cpuset and numaNodes.`,
    });
  }
}

/** What is guaranteed is as much as the limits say, so there must be both. */
export function checkResources(check: Check): void {
  checkOthers(check);
  for (const [name, { guaranteed, cpus, memory }] of Object.entries(check.config.resources)) {
    if (name === OTHERS) continue;
    const path = ['resources', name, 'guaranteed'];
    if (!guaranteed || !isGiven(check, path) || !check.isSound(['resources', name])) continue;
    const missing = Object.entries({ cpus, memory }).flatMap(([key, value]) => (value ? [] : [key]));
    if (missing.length === 0) continue;
    const message = `resources.${name}.guaranteed needs ${missing.join(' and ')} as well`;
    report(check, 'config.guarantee-without-limits', path, message, {
      at: 'key',
      why: 'What is kept for a container is what its limits say.',
      next: `Set ${missing.map((key) => `resources.${name}.${key}`).join(' and ')}.`,
    });
  }
}
