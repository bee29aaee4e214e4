import { expect, test } from 'vitest';
import type { Process } from '../../../src/model/workload.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import type { RunContext } from './run-context.ts';
import { shrinkProcess } from './shrink.ts';

const shrink = { command: ['let-go'], timeoutSeconds: 1 };
const context = { signal: new AbortController().signal, waiting: () => undefined };

function podOf(ordinal: number, runs: boolean): Pod {
  return {
    metadata: {
      name: `store-${ordinal}`,
      namespace: 'c',
      labels: { [Label.name]: 'store', [Label.kind]: 'process' },
      ownerReferences: [{ kind: 'StatefulSet', name: 'store', controller: true }],
    },
    spec: { nodeName: `node-${ordinal}`, containers: [{ name: 'main' }] },
    status: { containerStatuses: [{ name: 'main', state: runs ? { running: {} } : { waiting: {} } }] },
  } as unknown as Pod;
}

/** Whether pods were looked for, and how it ended, of so many pods that are to be `replicas`. */
async function endOf(pods: Pod[], process: Partial<Process>): Promise<{ asked: boolean; error?: string }> {
  let asked = false;
  const request = async () => {
    asked = true;
    return { items: pods };
  };
  const run = {
    api: { request } as unknown as ClusterApi,
    scope: { cloud: 'c', namespace: 'c' },
    snapshots: { nodes: async () => [] },
  } as unknown as RunContext;
  try {
    await shrinkProcess(run, { name: 'store', process: process as Process }, context);
    return { asked };
  } catch (thrown) {
    return { asked, error: (thrown as { code: string }).code };
  }
}

test('what has nothing to let go of is not looked for', async () => {
  expect(await endOf([podOf(0, true), podOf(1, true)], { replicas: 1 })).toEqual({ asked: false });
});

test('as many instances as there are to be, or fewer, are left alone', async () => {
  expect(await endOf([podOf(0, false), podOf(1, true)], { replicas: 2, shrink })).toEqual({ asked: true });
});

test('where none of those that stay runs, nobody goes', async () => {
  expect(await endOf([podOf(0, false), podOf(1, true)], { replicas: 1, shrink })).toEqual({
    asked: true,
    error: 'process.shrink',
  });
});
