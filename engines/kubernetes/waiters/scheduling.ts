import type { Condition, Node } from '../api/objects.ts';
import { toleratedTaints } from '../render/placement.ts';
import type { PodWords } from './words.ts';

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
/** Newer schedulers keep to themselves which taints: https://github.com/kubernetes/kubernetes/pull/134740 */
const unnamedTaint = /had untolerated taint\(s\)/i;

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
  const others = parts.filter((part) => !unnamedTaint.test(part));
  const final = parts.length > 0 && others.every((part) => hopelessReasons.test(part)) && since > SETTLING;
  const tainted = others.length < parts.length;
  const words = parts.map(translate).join(', ');
  return {
    text: `no node takes it${words ? `: ${words}` : ' yet'}`,
    hopeless: final && !tainted,
    crashed: false,
    ...(final && tainted ? { tainted } : {}),
  };
}

/**
 * Keys of taints that keep the cloud's pods from nodes and stay, for where the scheduler does not name them; none while
 * a node has one of the cluster's own, which may be what is meant and goes by itself.
 */
export function lastingTaints(nodes: readonly Node[]): string[] {
  // The one of closed nodes is told apart by the scheduler.
  const others = [...toleratedTaints, 'node.kubernetes.io/unschedulable'];
  const keys = nodes
    .flatMap(({ spec }) => spec.taints ?? [])
    .filter(({ key, effect }) => effect !== 'PreferNoSchedule' && !others.includes(key))
    .map(({ key }) => key);
  return keys.some((key) => key.startsWith('node.kubernetes.io/')) ? [] : [...new Set(keys)].sort();
}

/**
 * Taints hold commas and braces of their own: a reason starts with the number of nodes it holds for. What comes after
 * their sentence is about preemption, and counts nodes too.
 */
function splitReasons(text: string): string[] {
  return text
    .replace(/\.(\s.*)?$/s, '')
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
