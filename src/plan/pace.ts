import type { Step } from './step.ts';

/** Processes that are replaced at the same time. */
const AT_ONCE = 3;

/** The steps that begin a process anew, and those after which it serves. */
export interface Replacement {
  begins: readonly Step[];
  ready: readonly string[];
  /** Whether it serves until then. */
  serves: boolean;
  /** What it is one instance of, for one of several devices. */
  instanceOf?: string | undefined;
}

/**
 * Makes processes that serve give way to their successors a few at a time: each that starts takes a core for seconds,
 * and those that go on serving must answer meanwhile. Of those that have copies of the same data on a device each, one
 * at a time, and none before those that do not serve do so again.
 * @param replacements in the order of their dependencies; the steps are given more of these
 */
export function paceReplacements(replacements: readonly Replacement[]): void {
  const serving = replacements.filter(({ serves }) => serves);
  for (const [index, { begins, instanceOf }] of serving.entries()) {
    const earlier = serving[index - AT_ONCE]?.ready ?? [];
    const others = instanceOf ? replacements.filter((one) => one.instanceOf === instanceOf) : [];
    const ill = others.filter(({ serves }) => !serves).flatMap(({ ready }) => ready);
    const previous = serving.slice(0, index).findLast((one) => others.includes(one))?.ready ?? [];
    for (const step of begins)
      step.dependsOn = [...new Set([...step.dependsOn, ...earlier, ...ill, ...previous])];
  }
}
