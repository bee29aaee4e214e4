import type { Step } from './step.ts';

/** Processes that are replaced at the same time. */
const AT_ONCE = 3;

/** Of a process that serves and is replaced: the steps that begin it, and those after which its successor serves. */
export interface Replacement {
  begins: readonly Step[];
  ready: readonly string[];
}

/**
 * Makes processes that serve give way to their successors a few at a time: each that starts takes a core for seconds,
 * and those that go on serving must answer meanwhile.
 * @param replacements in the order of their dependencies; the steps are given more of these
 */
export function paceReplacements(replacements: readonly Replacement[]): void {
  for (const [index, { begins }] of replacements.entries()) {
    const earlier = replacements[index - AT_ONCE];
    if (!earlier) continue;
    for (const step of begins) step.dependsOn.push(...earlier.ready);
  }
}
