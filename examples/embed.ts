/**
 * Brings the cloud of a cloud.yaml up without a terminal: `npx tsx examples/embed.ts cloud.yaml events.jsonl` keeps every
 * event as a line of JSON, ends with 1 where the cloud did not come up, and writes nothing else anywhere.
 */
import { appendFileSync } from 'node:fs';
import type { Caller } from '../src/cloud/caller.ts';
import { loadConfigured } from '../src/cloud/configured.ts';
import { bringUp } from '../src/cloud/up.ts';

const [file = 'cloud.yaml', events = 'events.jsonl'] = process.argv.slice(2);
const abort = new AbortController();
process.once('SIGTERM', () => abort.abort(new Error('ended by SIGTERM')));

const caller: Caller = {
  emit: (event) => appendFileSync(events, `${JSON.stringify(event)}\n`),
  confirm: (question) => Promise.reject(new Error(`nobody is here to say yes to ${question.kind}`)),
  signal: abort.signal,
};

try {
  const { result } = await bringUp(await loadConfigured({ file }), {}, caller);
  process.exitCode = result === 'done' ? 0 : 1;
} catch {
  // Why is in the last event, unless cloud.yaml itself could not be read.
  process.exitCode = 1;
}
