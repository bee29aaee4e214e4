import type { Finding } from '../model/finding.ts';
import { type Cloud, dockerContext } from './cloud.ts';
import { kubernetesSettings, listPublished, warnOfApi } from './engine.ts';

/** Every check of what the cloud is to run on, a machine or a cluster; changes nothing. */
export async function checkMachine(cloud: Cloud): Promise<Finding[]> {
  const ranges = [{ name: 'tenant', subnet: cloud.config.network.tenant.subnet }];
  if (cloud.engine.name === 'kubernetes') return checkKubernetes(cloud, ranges);
  const [{ createDockerClient }, { preflight }] = await Promise.all([
    import('../../engines/docker/client.ts'),
    import('../../engines/docker/preflight.ts'),
  ]);
  const { http_proxy: lower, HTTP_PROXY: upper } = process.env;
  return preflight({
    desired: cloud.desired,
    ranges,
    packageArchive: new URL(cloud.config.images.mirror ?? 'http://deb.debian.org').hostname,
    proxied: Boolean(lower ?? upper),
    connect: () => createDockerClient(process.env, dockerContext(cloud.config)),
    now: Date.now,
  });
}

async function checkKubernetes(
  { config, desired, warn }: Cloud,
  ranges: { name: string; subnet: string }[],
): Promise<Finding[]> {
  const { preflight } = await import('../../engines/kubernetes/preflight.ts');
  return preflight({
    environment: process.env,
    context: config.context,
    settings: kubernetesSettings(config),
    desired,
    ranges: [...ranges, { name: 'external', subnet: config.network.external.subnet }],
    askRegistry: (registry) => listPublished([], registry),
    onWarning: (warning) => warnOfApi(warn, warning),
  });
}
