import { readLedger } from '../../../src/engine/ledger.ts';
import type { Ledger } from '../../../src/model/desired.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { captureCommand } from '../pods/command.ts';
import { isRunning, numberPods } from '../pods/find.ts';
import { isPodReady } from '../waiters/pod.ts';

/** What the ledger holds; undefined where none of these pods keeps it, or there is none, or the one that does gives no answer. */
export async function readLedgerOf(
  api: ClusterApi,
  pods: readonly Pod[],
  ledger: Ledger | undefined,
): Promise<Record<string, string> | undefined> {
  if (!ledger) return undefined;
  const running = numberPods(pods).filter(({ process, pod }) => process === ledger.process && isRunning(pod));
  const keeper = running.find(({ pod }) => isPodReady(pod)) ?? running[0];
  return keeper && readLedger(ledger, (command, how) => captureCommand(api, keeper.pod, command, how));
}
