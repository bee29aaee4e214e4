import type { Finding } from '../model/finding.ts';
import type { Detection } from '../model/workload.ts';
import { timeLimit } from '../time-limit.ts';

/** Longest time that one instance may take to answer, in milliseconds. */
const LIMIT = 5_000;

/** Runs a command in an instance that runs. */
export type Ask = (command: string[], signal: AbortSignal) => Promise<{ exitCode: number; output: string }>;

/**
 * What an instance found out about its node; nothing where it does not say.
 * @param node where there are several
 */
export async function readDetection(detection: Detection, ask: Ask, node?: string): Promise<Finding[]> {
  const { check, command, choices } = detection;
  try {
    const { exitCode, output } = await ask(command, timeLimit(LIMIT));
    const answer = output.trim().replaceAll('"', '');
    if (exitCode !== 0 || answer === '') return [];
    const name = node === undefined ? check : `${check}: ${node}`;
    const choice = choices[answer] ?? answer;
    return [{ check: name, level: 'ok', message: 'found out on the node', choice }];
  } catch {
    // One that does not answer is shown by `status`; it is no reason not to bring the cloud up.
    return [];
  }
}
