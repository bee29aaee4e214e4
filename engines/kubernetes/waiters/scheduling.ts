import type { Condition } from '../objects.ts';
import type { PodWords } from './pod.ts';

/** Labels and taints of nodes settle within seconds; after this time, in milliseconds, a refusal is final. */
const SETTLING = 20_000;

/** Reasons of the scheduler, as it counts nodes by them, in words. Each stands for nodes that never fit by themselves. */
const lasting: [RegExp, string][] = [
  [/didn't match (?:Pod's )?node (?:affinity|selector)[^,.]*/i, 'do not have the label it needs'],
  [/had (?:untolerated )?taint[^,.]*/i, 'have a taint'],
  [/were unschedulable/i, 'are closed to new pods'],
  [/Insufficient ([\w./-]+)/i, 'have too little free $1'],
  [/didn't match pod (?:affinity|anti-affinity)[^,.]*/i, 'already run another instance of it'],
  [/had volume node affinity conflict/i, 'cannot reach its volume'],
  [/didn't have free ports for the requested pod ports/i, 'have its port in use'],
];
/** What only a change of nodes or of the cloud can heal; taints of the cluster's own go when the node is well again. */
const hopelessReasons =
  /node (?:affinity|selector)|had (?:untolerated )?taints? \{(?!node\.kubernetes\.io\/)|were unschedulable/i;

/**
 * Why no node takes the pod. The scheduler says `0/3 nodes are available: 1 Insufficient memory, 2 node(s) had
 * taint {...}, that the pod didn't tolerate.` `claimProblem` is what became of its claims.
 */
export function describeScheduling(condition: Condition, now: number, claimProblem?: string): PodWords {
  const message = condition.message ?? '';
  if (/persistentvolumeclaim|PersistentVolumeClaims/i.test(message)) {
    const why = claimProblem ?? describeClaim(message);
    const hopeless = /no storage class is set|storageclass\S* "[^"]*" not found/i.test(why);
    return { text: `waits for its volume: ${why}`, hopeless, crashed: false };
  }
  const counted = message.replace(/^\d+\/\d+ nodes are available:\s*/, '');
  const parts = splitReasons(counted);
  const since = now - Date.parse(condition.lastTransitionTime ?? '');
  const hopeless = parts.length > 0 && parts.every((part) => hopelessReasons.test(part)) && since > SETTLING;
  const words = parts.map(translate).join(', ');
  return { text: `no node takes it${words ? `: ${words}` : ' yet'}`, hopeless, crashed: false };
}

/** Taints hold commas and braces of their own: a reason starts with the number of nodes it holds for. */
function splitReasons(text: string): string[] {
  return text
    .replace(/\.\s*(preemption:.*)?$/s, '')
    .split(/,\s+(?=\d+ )/)
    .map((part) => part.trim())
    .filter((part) => /^\d+ /.test(part));
}

function translate(part: string): string {
  const count = /^(\d+) /.exec(part)?.[1] ?? '';
  for (const [pattern, words] of lasting) {
    const match = pattern.exec(part);
    if (!match) continue;
    const taint = /taints? \{([^:}]+)/.exec(part)?.[1];
    const named = words.replace('$1', match[1] ?? '') + (taint ? ` ${taint}` : '');
    return `${count} ${count === '1' ? singular(named) : named}`;
  }
  return part;
}

function singular(words: string): string {
  return words
    .replace(/^do /, 'does ')
    .replace(/^have /, 'has ')
    .replace(/^are /, 'is ')
    .replace(' run ', ' runs ');
}

function describeClaim(message: string): string {
  const missing = /persistentvolumeclaim "([^"]+)" not found/.exec(message)?.[1];
  if (missing) return `the claim ${missing} is not there`;
  return 'the claim is not bound; a storage class must provide it';
}
