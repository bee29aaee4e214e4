import { type Check, isGiven, report } from './checking.ts';

/** What is guaranteed is as much as the limits say, so there must be both. */
export function checkResources(check: Check): void {
  for (const [name, { guaranteed, cpus, memory }] of Object.entries(check.config.resources)) {
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
