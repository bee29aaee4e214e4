import { type ClusterContext, up } from '../cluster/cluster.ts';
import { listContainers } from '../cluster/containers.ts';
import { openContext } from '../cluster/context.ts';
import { down } from '../cluster/down.ts';

/** The test cluster of this machine, made where there is none. */
export interface TestCluster {
  context: ClusterContext;
  /** Removes it if it was made for this. */
  close(): Promise<void>;
}

/** @param say takes what is done, line by line */
export async function openTestCluster(say: (line: string) => void = () => {}): Promise<TestCluster> {
  const context = await openContext({
    environment: process.env,
    uid: process.getuid?.() ?? 0,
    signal: new AbortController().signal,
    say,
  });
  const wasThere = (await listContainers(context.docker)).size > 0;
  const close = async () => {
    if (!wasThere) await down(context);
  };
  await up(context, { nodes: 3 }).catch(async (error) => {
    await close();
    throw error;
  });
  return { context, close };
}

/** Has KUBECONFIG name a cluster until it is closed: as it does already, or else the test cluster. */
export async function openAnyCluster(): Promise<Pick<TestCluster, 'close'>> {
  if (process.env.KUBECONFIG) return { close: async () => {} };
  const { context, close } = await openTestCluster();
  process.env.KUBECONFIG = context.paths.kubeconfig;
  return {
    close: async () => {
      delete process.env.KUBECONFIG;
      await close();
    },
  };
}
