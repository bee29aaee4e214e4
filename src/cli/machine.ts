import { createDockerClient } from '../../engines/docker/client.ts';
import { type Finding, preflight } from '../../engines/docker/preflight.ts';
import { type Cloud, dockerContext } from './cloud.ts';

/** Every check of the machine that the cloud is to run on; changes nothing. */
export function checkMachine(cloud: Cloud): Promise<Finding[]> {
  const { http_proxy: lower, HTTP_PROXY: upper } = process.env;
  return preflight({
    desired: cloud.desired,
    ranges: [{ name: 'tenant', subnet: cloud.config.network.tenant.subnet }],
    packageArchive: new URL(cloud.config.images.mirror ?? 'http://deb.debian.org').hostname,
    proxied: Boolean(lower ?? upper),
    connect: () => createDockerClient(process.env, dockerContext(cloud.config)),
    now: Date.now,
  });
}
