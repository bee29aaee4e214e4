import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredObject } from '../../engines/kubernetes/plan/bundle.ts';
import { openCloud } from '../../src/cloud/cloud.ts';
import { loadConfigured } from '../../src/cloud/configured.ts';
import { identityOfTask, wantedIdentity } from '../../src/plan/identity.ts';

/** A cloud.yaml for a simulated cluster behind a port of this machine. */
export function configOf(port: number, name: string): string {
  return (
    `name: ${name}\nengine: kubernetes\nimages: {registry: 'localhost:${port}/cloud'}\n` +
    'kubernetes: {sharedStorageClass: shared}\n'
  );
}

/** Writes what a cloud on that cluster needs into a directory; resolves to the environment that commands find it by. */
export async function prepareCloud(
  directory: string,
  port: number,
  name: string,
): Promise<Record<string, string>> {
  const kubeconfig = join(directory, 'kubeconfig');
  const config = {
    'current-context': 'simulated',
    contexts: [{ name: 'simulated', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'u', user: { token: 'none' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  await writeFile(join(directory, 'cloud.yaml'), configOf(port, name));
  await mkdir(join(directory, 'state'));
  return { KUBECONFIG: kubeconfig, GANTRY_STATE: join(directory, 'state') };
}

/** What a cluster and its database hold once the cloud of this cloud.yaml is up. Keeps the cloud's secrets. */
export async function holdingOf(
  file: string,
): Promise<{ objects: readonly DesiredObject[]; ledger: Record<string, string> }> {
  const configured = await loadConfigured({ file });
  const { desired, engine, keep } = await openCloud(configured, {}, { emit: () => undefined });
  keep();
  const ledger = Object.fromEntries([
    ...desired.jobs.map((job) => [job.name, wantedIdentity(job, desired).identity]),
    ...desired.tasks.map((task) => [task.name, identityOfTask(task)]),
  ]);
  return { objects: (await engine.render?.(desired)) ?? [], ledger };
}
